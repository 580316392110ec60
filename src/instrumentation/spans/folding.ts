import { basename } from 'node:path';
import {
  type Attributes,
  context as activeContext,
  type Context,
  type Exception,
  INVALID_SPAN_CONTEXT,
  type Span,
  type SpanOptions,
  SpanStatusCode,
  type TimeInput,
  type Tracer,
  type TracerProvider,
  trace,
} from '@opentelemetry/api';
import { notesOf } from '../../api/span-notes.ts';
import type { Folded } from './folded.ts';
import { noteStatus } from './graphql-errors.ts';
import { openRouteHandlerOf } from './handler-spans.ts';
import { failWithoutCause } from './record-failure.ts';
import { isRecorded, noteRecorded } from './request-errors.ts';

/**
 * What happens to a span of an instrumentation: it is kept, renamed, or folded into its parent,
 * which then becomes the parent of its children. Without a parent, `fold or drop` drops the span
 * and `fold` keeps it; so does `leave to call` drop it, whose errors the span of a call below it has.
 */
export type FoldRule = (
  name: string,
  options: SpanOptions,
) => 'keep' | 'fold' | 'fold or drop' | 'leave to call' | RenamedSpan;

/** Returns whether an instrumentation is enabled. */
type IsEnabled = (instrumentation: string) => boolean;

export interface RenamedSpan {
  readonly name: string;
  /** Names of attributes that are not set on the span. */
  readonly without?: RegExp;
  /** Attributes that are set in place of those of the instrumentation. */
  readonly attributes?: Attributes;
  /** Whether its links are left out, because they lead to spans that are folded. */
  readonly withoutLinks?: boolean;
  /** A span around it with such a name gets this name instead, and the span is folded into it. */
  readonly names?: RegExp;
  /** Called with each exception that is recorded on the span. */
  readonly onException?: (span: Span, error: unknown) => void;
}

/**
 * Returns the part after the kind: `check` in `middleware - check`; the kind if that part says
 * nothing.
 */
function lastPart(name: string): string {
  const [kind = name, ...rest] = name.split(' - ');
  const last = rest.at(-1)?.trim();
  return last === undefined || /^<?anonymous>?$/.test(last) ? kind : last;
}

/** The segment describes the request; the handler has only its route. */
const HANDLER: RenamedSpan = { name: 'request handler', without: /^(?:http\.(?!route)|url\.)/ };

const SCALAR = /^\[?(?:ID|String|Int|Float|Boolean)!?\]?!?$/;

/**
 * Returns whether a resolver is for a scalar field of an object. Servers such as Apollo define a
 * resolver even for these.
 */
function isTrivialField({ attributes = {} }: SpanOptions): boolean {
  const { 'graphql.field.path': path, 'graphql.field.type': type } = attributes;
  return String(path).includes('.') && SCALAR.test(String(type));
}

/** Instrumentations of the drivers that knex uses, by system. */
const DRIVERS: Readonly<Record<string, readonly string[]>> = {
  mysql: ['mysql', 'mysql2'],
  mysql2: ['mysql', 'mysql2'],
  postgresql: ['pg'],
};

/**
 * Rules by name of the instrumentation. Parsing and validation in GraphQL are folded, because they
 * happen at server start or take negligible time in a request. The handler of a framework is a
 * subsegment, as in Express. Its hooks are folded unless enabled, and its span for the whole
 * request is always folded.
 */
const RULES: Readonly<
  Record<Folded, (middlewareSpans: boolean, isEnabled: IsEnabled) => FoldRule>
> = {
  // Each load waits for the batch that has its key; others only change the cache.
  dataloader: () => (name) =>
    name.startsWith('dataloader.batch') ? { name, withoutLinks: true } : 'fold or drop',
  connect: (middlewareSpans) => (name) => {
    if (!name.startsWith('middleware - ')) return HANDLER;
    return middlewareSpans ? { name: lastPart(name) } : 'fold';
  },
  express: () => (name) => {
    if (name.startsWith('middleware - ')) return { name: lastPart(name) };
    if (name.startsWith('router - ')) return { name: `router ${lastPart(name)}` };
    // Express 4 adds the path.
    return name.startsWith('request handler') ? { name: 'request handler' } : 'keep';
  },
  fastify: (middlewareSpans) => (name) => {
    if (name === 'request') return 'fold';
    if (name.startsWith('handler - ')) return HANDLER;
    if (!middlewareSpans) return 'fold';
    // The hook is followed by the name of its function, or otherwise by all plugins or source text.
    const [, hook = name, own] = /^(\w+) - ([\w$.]+)?/.exec(name) ?? [];
    const isFunction = own !== undefined && name === `${hook} - ${own}`;
    return { name: isFunction ? `${hook} ${own}` : hook };
  },
  graphql: (middlewareSpans) => (name, options) => {
    if (middlewareSpans || !name.startsWith('graphql.') || name === 'graphql.execute') {
      return { name, onException: noteStatus };
    }
    if (!name.startsWith('graphql.resolve')) return 'fold or drop';
    if (isTrivialField(options)) return 'fold';
    // Upstream has two dots for an index of a list, graphql 17 an asterisk, which X-Ray does not accept.
    const kept = name.replaceAll(/\.(?:\*?\.)+/g, '.');
    return { name: kept, onException: noteStatus };
  },
  // Of the driver: it signs in for each connection, and ends sessions when it closes.
  mongodb: () => (name) => (/^(?:sasl\w+|endSessions)\b/.test(name) ? 'fold or drop' : 'keep'),
  hapi: (middlewareSpans) => (name) => {
    if (!name.startsWith('ext - ')) return HANDLER;
    return middlewareSpans ? { name: lastPart(name) } : 'fold';
  },
  // A raw query has neither operation nor table; some libraries, such as MikroORM 6, have no other.
  // SQLite: the folder of the file may be private; subsegments of the drivers have the file as well.
  knex:
    (_middlewareSpans, isEnabled) =>
    (name, { attributes = {} }) => {
      const path = attributes['db.namespace'];
      const system = String(attributes['db.system.name']);
      if (attributes['db.operation.name'] === 'raw' && DRIVERS[system]?.every(isEnabled) === true)
        return 'leave to call';
      if (typeof path !== 'string' || !/sqlite/.test(system)) return 'keep';
      const file = basename(path);
      return { name: name.replace(path, file), attributes: { 'db.namespace': file } };
    },
  // A route may have a name, which is then that of the span. A handler can call the next one.
  koa:
    () =>
    (name, { attributes = {} }) => {
      if (attributes['koa.type'] === 'router') return { ...HANDLER, names: /^request handler$/ };
      return { name: lastPart(name) };
    },
  restify: (middlewareSpans) => (name) => {
    if (!name.startsWith('middleware - ')) return HANDLER;
    return middlewareSpans ? { name: lastPart(name) } : 'fold';
  },
  // The method of a controller is the handler that Express or Fastify calls.
  'nestjs-core':
    () =>
    (name, { attributes = {} }) => {
      const type = attributes['nestjs.type'];
      if (type === 'app_creation') return 'fold or drop';
      if (type === 'handler') return 'fold';
      return { ...HANDLER, name, names: /^request handler/ };
    },
};

/** Returns the rule for an instrumentation. */
export function foldRule(
  instrumentation: Folded,
  middlewareSpans: boolean,
  isEnabled: IsEnabled = () => true,
): FoldRule {
  return RULES[instrumentation](middlewareSpans, isEnabled);
}

/** Returns a tracer provider for an instrumentation some of whose spans are folded. */
export function foldingProvider(rule: FoldRule): TracerProvider {
  return {
    getTracer: (name, version, options) =>
      foldingTracer(trace.getTracerProvider().getTracer(name, version, options), rule),
  };
}

function foldingTracer(tracer: Tracer, rule: FoldRule): Tracer {
  return tracerFrom((name, options, context) => {
    const around = trace.getSpan(context);
    const ruled = rule(name, options);
    const isFolded = ruled === 'fold' || ruled === 'fold or drop';
    if (isFolded && around !== undefined && options.root !== true) return foldedInto(around);
    if (ruled === 'leave to call' && around !== undefined) return silentlyFoldedInto(around);
    if (ruled === 'fold or drop' || ruled === 'leave to call') return droppedSpan();
    if (typeof ruled !== 'object') return remembering(tracer.startSpan(name, options, context));
    if (around !== undefined && ruled.names?.test(nameOf(around)) === true) {
      const route = options.attributes?.['http.route'];
      if (route !== undefined) around.setAttribute('http.route', route);
      return foldedInto(around.updateName(ruled.name));
    }
    return renamedSpan(tracer, ruled, options, context);
  });
}

/**
 * Returns a tracer whose spans `start` creates.
 *
 * @param adopt returns the context to use in place of the one that the caller is in
 */
export function tracerFrom(
  start: (name: string, options: SpanOptions, context: Context) => Span,
  adopt: (context: Context, options: SpanOptions) => Context = (context) => context,
): Tracer {
  const startSpan = (
    name: string,
    options: SpanOptions = {},
    context: Context = activeContext.active(),
  ): Span => start(name, options, adopt(context, options));
  const startActiveSpan = (name: string, ...rest: readonly unknown[]): unknown => {
    const fn = rest.at(-1) as (span: Span) => unknown;
    const [options = {}, given = activeContext.active()] = rest.slice(0, -1) as [
      SpanOptions?,
      Context?,
    ];
    const context = adopt(given, options);
    const span = start(name, options, context);
    return activeContext.with(trace.setSpan(context, span), fn, undefined, span);
  };
  return { startSpan, startActiveSpan: startActiveSpan as Tracer['startActiveSpan'] };
}

/** Returns the name of a span of the SDK; empty if it is not recorded. */
function nameOf(span: Span): string {
  return (span as { readonly name?: string }).name ?? '';
}

/** Returns a span that is not recorded and has no place in a trace. */
export function droppedSpan(): Span {
  return trace.wrapSpanContext(INVALID_SPAN_CONTEXT);
}

export function renamedSpan(
  tracer: Tracer,
  renamed: RenamedSpan,
  options: SpanOptions,
  context: Context,
): Span {
  const { name, without, onException } = renamed;
  const span = tracer.startSpan(name, changedOptions(renamed, options), context);
  return remembering(span, without !== undefined, onException);
}

/** Returns the options themselves if nothing changes, which saves two objects for each span. */
function changedOptions(
  { without, attributes: own, withoutLinks }: RenamedSpan,
  options: SpanOptions,
): SpanOptions {
  if (without === undefined && own === undefined && withoutLinks !== true) return options;
  const { links = [], ...others } = options;
  const kept = withoutNames(options.attributes, without);
  const attributes = own === undefined ? kept : { ...kept, ...own };
  return { ...others, attributes, links: withoutLinks ? [] : links };
}

function withoutNames(attributes: Attributes = {}, names: RegExp | undefined): Attributes {
  if (names === undefined) return attributes;
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => !names.test(name)));
}

/**
 * Leaves out the errors that the request has recorded already, also as message of the status and as type.
 * They only mark a handler as failed.
 */
function remembering(
  span: Span,
  isHandler = false,
  onException: RenamedSpan['onException'] = undefined,
): Span {
  const { recordException } = span;
  span.recordException = function (this: Span, error: Exception, time?: TimeInput): void {
    if (!this.isRecording()) return;
    if (isRecorded(this, error) || notesOf(this).lastError === error) {
      failWithoutCause(this);
      if (isHandler) this.setStatus({ code: SpanStatusCode.ERROR });
    } else {
      recordException.call(this, error, time);
      onException?.(this, error);
    }
    noteRecorded(this, error);
  };
  return span;
}

/** Property of a folded span: the span it was folded into. */
const AROUND = Symbol('otel-xray.around');

interface FoldedSpan {
  readonly [AROUND]: Span;
}

function realSpan(span: Span): Span {
  return (span as Span & Partial<FoldedSpan>)[AROUND] ?? span;
}

/**
 * Records the error of an operation that is folded into a span, unless a child has recorded it: on that span,
 * or on the handler of its request that still runs.
 */
export function recordFolded(parent: Span, error: unknown, time?: TimeInput): void {
  const around = realSpan(parent);
  if (!around.isRecording() || isRecorded(around, error)) return;
  (openRouteHandlerOf(around) ?? around).recordException(error as Exception, time);
  noteRecorded(around, error);
}

function unchanged(this: Span): Span {
  return this;
}

/** What a folded span does not leave to the span around it; has no prototype. */
const OWN: object = Object.assign(Object.create(null), {
  end(): void {},
  setAttribute: unchanged,
  setAttributes: unchanged,
  addEvent: unchanged,
  addLink: unchanged,
  addLinks: unchanged,
  setStatus: unchanged,
  updateName: unchanged,
  recordException(this: Span, error: Exception, time?: TimeInput): void {
    recordFolded(this, error, time);
  },
});

/**
 * Reads everything else from the span around a folded one. With that span as prototype, V8 made hidden classes
 * for each request: 2 µs of 20 that tracing takes of a request to Fastify.
 */
const READ_AROUND: ProxyHandler<FoldedSpan> = {
  get: (own, key) => (key in own ? own[key as keyof FoldedSpan] : Reflect.get(own[AROUND], key)),
  has: (own, key) => key in own || key in own[AROUND],
  getPrototypeOf: (own) => Object.getPrototypeOf(own[AROUND]),
};

/**
 * Returns a folded span: it has the ids of its parent and records nothing. An error that no child
 * has recorded is recorded on the parent, or on the handler of its request that still runs.
 */
export function foldedInto(parent: Span): Span {
  const own = Object.create(OWN) as { [AROUND]: Span };
  own[AROUND] = realSpan(parent);
  return new Proxy<FoldedSpan>(own, READ_AROUND) as unknown as Span;
}

/** Returns a folded span whose errors are recorded elsewhere, or handled by the framework. */
export function silentlyFoldedInto(parent: Span): Span {
  return Object.assign(foldedInto(parent), { recordException(): void {} });
}
