import { type Attributes, type Context, type Span, type Tracer, trace } from '@opentelemetry/api';
import { annotateOperation, isOwnIntrospection } from '../graphql/graphql-operation.ts';
import utils from '../graphql/graphql-utils.js';
import { foldingProvider, foldRule, recordFolded } from '../spans/folding.ts';
import { MAX_ERRORS, recordErrors } from '../spans/graphql-data.ts';
import { recordErrorsOf } from '../spans/graphql-errors.ts';
import { attempt } from '../wrap/guard.ts';
import { fieldsIn, holdFields, startField, tracedResolver } from './graphql-fields.ts';
import {
  type Definition,
  readsOne,
  replaceResolvers,
  rootsWithoutResolver,
  type Schema,
} from './graphql-resolvers.ts';
import {
  type ChannelOptions,
  type ChannelTracing,
  channelTracing,
  type Operation,
  type Outcome,
  type Started,
} from './tracing-channel.ts';

/** `loc` is absent if the document has no source. */
interface Document {
  readonly loc?: object;
  readonly definitions: readonly Definition[];
}

interface ExecuteMessage {
  readonly schema: Schema;
  readonly document: Document;
  readonly operationName?: string;
}

interface ValidateMessage {
  readonly document: Document;
}

interface ResolveMessage {
  readonly fieldName: string;
  /** Names and list indexes from the root, joined by dots. */
  readonly fieldPath: string;
  readonly fieldType: string;
  readonly parentType: string;
  readonly isDefaultResolver: boolean;
}

/** Functions of upstream's instrumentation for earlier versions of graphql. */
const { getSourceFromLocation, getOperation } = utils;

/** The channel of all fields. */
const RESOLVE = 'graphql:resolve';

const NONE: ReadonlySet<string> = new Set();

/**
 * Traces graphql 17 by its channels, with the spans of `@opentelemetry/instrumentation-graphql` and the
 * same rules for which of them are left out.
 *
 * With a subscriber of its channel for fields, graphql takes 2 µs for each value of a result. Resolvers
 * are therefore replaced in the schema that it publishes, as upstream does. The channel is used when
 * spans of all fields are wanted, or after an operation has read a field of its root without a resolver.
 * The text of a field (`graphql.source`) is not recorded.
 *
 * @see docs/rationale.md
 */
export function traceLibrary({ version, middlewareSpans }: ChannelOptions): ChannelTracing {
  const provider = foldingProvider(foldRule('graphql', middlewareSpans));
  const tracer = provider.getTracer('otel-xray/graphql', version);
  return channelTracing('graphql', {
    'graphql:parse': middlewareSpans ? parsing(tracer) : { start: startFolded },
    'graphql:validate': middlewareSpans
      ? validation(tracer)
      : {
          start: startFolded,
          onFolded(around, { result }: Outcome) {
            if (!Array.isArray(result)) return;
            for (const error of result.slice(0, MAX_ERRORS)) recordFolded(around, error);
          },
        },
    'graphql:execute': executions(tracer, middlewareSpans),
    [RESOLVE]: fields(tracer, middlewareSpans),
  });
}

/** Parsing and validation have no span of their own unless the app wants to see every step. */
function startFolded(_message: object, outer: Context): Started | undefined {
  const around = trace.getSpan(outer);
  return around && { around };
}

function parsing(tracer: Tracer): Operation {
  return {
    start: (_message, outer) => ({ span: tracer.startSpan('graphql.parse', {}, outer) }),
    onError: recordException,
    onResult: (span, { result }: Outcome) => {
      const { loc } = (result ?? {}) as Partial<Document>;
      if (getOperation(result) === undefined) span.updateName('graphql.parseSchema');
      else if (loc !== undefined) span.setAttribute(SOURCE, sourceOf(loc));
    },
  };
}

function validation(tracer: Tracer): Operation<ValidateMessage> {
  return {
    start: (_message, outer) => ({ span: tracer.startSpan('graphql.validate', {}, outer) }),
    onError: recordException,
    onResult: (span, { document, result }: ValidateMessage & Outcome) => {
      if (document.loc === undefined) span.updateName('graphql.validateSchema');
      if (Array.isArray(result)) recordErrors(span, result);
    },
  };
}

const SOURCE = 'graphql.source';

/** The text of a document, by its location: servers keep the documents that they have parsed. */
const sources = new WeakMap<object, string>();

function sourceOf(loc: object): string {
  const known = sources.get(loc);
  if (known !== undefined) return known;
  const source = getSourceFromLocation(loc, false);
  sources.set(loc, source);
  return source;
}

function recordException(span: Span, error: unknown): void {
  span.recordException(error as Error);
}

function executions(tracer: Tracer, everyField: boolean): Operation<ExecuteMessage> {
  const unresolvedIn = new WeakMap<Schema, ReadonlySet<string>>();
  const prepare = (schema: Schema): ReadonlySet<string> => {
    const known = unresolvedIn.get(schema);
    if (known !== undefined) return known;
    const unresolved = rootsWithoutResolver(schema);
    unresolvedIn.set(schema, unresolved);
    if (!everyField) {
      replaceResolvers(schema, (resolver, type) => tracedResolver(tracer, resolver, type));
    }
    return unresolved;
  };
  return {
    start({ schema, document, operationName }, outer, watch) {
      const operation = getOperation(document, operationName);
      const name = operation?.name?.value;
      if (isOwnIntrospection(name)) return undefined;
      const attributes: Attributes = {};
      if (operation !== undefined) attributes['graphql.operation.type'] = operation.operation;
      if (name !== undefined) attributes['graphql.operation.name'] = name;
      if (document.loc !== undefined) attributes[SOURCE] = sourceOf(document.loc);
      const span = tracer.startSpan(spanName(operation), { attributes }, outer);
      const unresolved = attempt('graphql', () => prepare(schema)) ?? NONE;
      holdFields(span, unresolved);
      if (everyField || readsOne(unresolved, operation, document.definitions)) watch(RESOLVE);
      return { span };
    },
    onError: recordException,
    onResult: (span, { result }: ExecuteMessage & Outcome) => {
      annotateOperation(span);
      recordErrorsOf(span, result);
    },
  };
}

function spanName(operation: ReturnType<typeof getOperation>): string {
  if (operation === undefined) return 'graphql.execute';
  const { operation: type, name } = operation;
  return name === undefined ? type : `${type} ${name.value}`;
}

function fields(tracer: Tracer, everyField: boolean): Operation<ResolveMessage> {
  return {
    start(message, outer) {
      const operation = fieldsIn(outer);
      if (operation === undefined) return undefined;
      const { fieldName: name, fieldType: type, parentType } = message;
      // Other fields have a resolver that makes the span, or no span.
      const isUnresolved = message.isDefaultResolver && operation.unresolved.has(name);
      if (!everyField && !isUnresolved) return undefined;
      const path = message.fieldPath.replace(/(?<=^|\.)\d+(?=\.|$)/g, '*');
      if (!everyField && path.includes('.')) return undefined;
      const known = operation.contexts.get(path);
      if (known !== undefined) return { context: known };
      const span = startField(tracer, operation, { name, path, type, parentType }, outer);
      return { span };
    },
  };
}
