import type { EventEmitter } from 'node:events';
import { type Attributes, context, type Span, SpanKind, trace } from '@opentelemetry/api';
import { recordError } from '../../api/errors.ts';
import { Hook } from '../loading/hooks.ts';
import { withDefault } from '../loading/replace-default.ts';
import { attempt } from '../wrap/guard.ts';
import { allowListeners } from '../wrap/listener-limits.ts';

const NAME = 'postgres';

/** Where queries go; every option has a list of hosts for failover. */
interface Options {
  readonly host?: readonly string[];
  readonly port?: readonly number[];
  /** Path of a Unix socket. */
  readonly path?: string | false;
  readonly database?: string;
  readonly user?: string;
}

/** The function that an app gets from `postgres()`. */
interface Sql {
  readonly options: Options;
  unsafe(text: string): Query;
}

type Settle = (value: unknown) => unknown;

/** A query. It is a promise that runs when it is first awaited, iterated or executed. */
interface Query {
  readonly strings: readonly string[];
  /** The text that was sent. */
  readonly string?: string;
  readonly executed: boolean;
  /** The same function for all queries of one `postgres()`. */
  readonly canceller: object | null | undefined;
  resolve: Settle;
  reject: Settle;
}

interface Row<Step> {
  next(): Step;
  return?(): Step;
}
type Cursor = AsyncIterable<unknown>;

interface QueryPrototype {
  handle(this: Query): unknown;
  cursor(this: Query, ...args: unknown[]): unknown;
}

/** Traces the queries of postgres.js. */
export class PostgresInstrumentation {
  readonly #hook: Hook = new Hook([NAME], {}, (exports) =>
    withDefault(NAME, exports, (original) => {
      return function postgres(this: unknown, ...args: unknown[]): unknown {
        const sql = original.apply(this, args);
        attempt(NAME, () => traceQueriesOf(sql as Sql));
        return sql;
      };
    }),
  );

  disable(): void {
    this.#hook.unhook();
  }
}

const servers = new WeakMap<object, Attributes>();
const traced = new WeakSet<object>();

function traceQueriesOf(sql: Sql): void {
  // The package does not export the class of its queries. This query never runs.
  const query = sql.unsafe('');
  if (query.canceller) servers.set(query.canceller, serverAttributes(sql.options));
  const prototype = Object.getPrototypeOf(query) as QueryPrototype;
  if (traced.has(prototype)) return;
  traced.add(prototype);
  prototype.handle = tracedHandle(prototype.handle);
  prototype.cursor = tracedCursor(prototype.cursor);
}

function serverAttributes({ host, port, path, database, user }: Options): Attributes {
  const isSocket = typeof path === 'string' && path !== '';
  return {
    'db.system.name': 'postgresql',
    ...(database !== undefined && { 'db.namespace': database }),
    ...(user !== undefined && { 'db.user': user }),
    ...(isSocket
      ? { 'server.address': path }
      : {
          ...(host?.[0] !== undefined && { 'server.address': host[0] }),
          ...(port?.[0] !== undefined && { 'server.port': port[0] }),
        }),
  };
}

/** Queries that run as cursors, each with its span. */
const cursorSpans = new WeakMap<Query, Span | undefined>();

function tracedHandle(original: QueryPrototype['handle']): QueryPrototype['handle'] {
  return function handle(this: Query): unknown {
    if (this.executed) return original.call(this);
    const span = attempt(NAME, () => startSpan(this));
    if (span === undefined) return original.call(this);
    if (cursorSpans.has(this)) cursorSpans.set(this, span);
    else attempt(NAME, () => endWith(this, span));
    return context.with(trace.setSpan(context.active(), span), () => original.call(this));
  };
}

function startSpan({ canceller, strings }: Query): Span | undefined {
  const server = canceller && servers.get(canceller);
  // Queries of the library itself, such as for the types of a database.
  if (!server) return undefined;
  const operation = operationOf(strings[0]);
  const name = [operation, server['db.namespace']].filter(Boolean).join(' ');
  return trace.getTracer(`otel-xray/${NAME}`).startSpan(name, {
    kind: SpanKind.CLIENT,
    attributes: { ...server, ...(operation !== undefined && { 'db.operation.name': operation }) },
  });
}

function operationOf(text = ''): string | undefined {
  return /^\s*([A-Za-z]+)/.exec(text)?.[1]?.toUpperCase();
}

/**
 * Ends the span when the library settles the query by these functions. A handler of the promise would
 * hide rejections from Node.
 */
function endWith(query: Query, span: Span): void {
  const { resolve, reject } = query;
  query.resolve = (value) => {
    attempt(NAME, () => {
      // The library calls this again at the end of a `COPY`, unless its stream was destroyed.
      if (isStream(value)) endWithStream(query, span, value);
      else endSpan(query, span);
    });
    return resolve(value);
  };
  query.reject = (error) => {
    endSpan(query, span, { thrown: error });
    return reject(error);
  };
}

/** A stream of `COPY`. */
interface CopyStream extends EventEmitter {
  readonly errored: Error | null;
}

function endWithStream(query: Query, span: Span, stream: CopyStream): void {
  allowListeners(stream, 1);
  stream.once('close', () => endSpan(query, span, streamError(stream)));
}

function isStream(value: unknown): value is CopyStream {
  const { pipe, once } = (value ?? {}) as Record<string, unknown>;
  return typeof pipe === 'function' && typeof once === 'function';
}

function streamError({ errored }: CopyStream): Failure | undefined {
  return errored ? { thrown: errored } : undefined;
}

interface Failure {
  readonly thrown: unknown;
}

function endSpan(query: Query, span: Span, failure?: Failure): void {
  attempt(NAME, () => {
    if (!span.isRecording()) return;
    span.setAttribute('db.query.text', textOf(query));
    if (failure !== undefined) {
      const { code } = (failure.thrown ?? {}) as { readonly code?: unknown };
      // A state of SQL; codes of Node, such as ECONNREFUSED, are longer.
      if (typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code)) {
        span.setAttributes({ 'db.response.status_code': code, 'error.type': code });
      }
      recordError(span, failure.thrown);
    }
    span.end();
  });
}

/** Returns the text as it was sent; if it was not, made of its parts. */
function textOf({ string, strings }: Query): string {
  return (string ?? strings.reduce((text, part, at) => `${text}$${at}${part}`)).trim();
}

/** Ends the span of a cursor with its last step. */
function tracedCursor(original: QueryPrototype['cursor']): QueryPrototype['cursor'] {
  return function cursor(this: Query, ...args: unknown[]): unknown {
    const result = original.apply(this, args);
    // With a function, it returns the query itself, which is settled at the end.
    if (result === this) return result;
    cursorSpans.set(this, undefined);
    const end = (failure?: Failure): void => {
      const span = cursorSpans.get(this);
      cursorSpans.set(this, undefined);
      if (span !== undefined) endSpan(this, span, failure);
    };
    return { [Symbol.asyncIterator]: () => tracedSteps(result as Cursor, end) };
  };
}

/** The library returns a promise from `next`, and at the end and from `return` a plain result. */
function tracedSteps(cursor: Cursor, end: (failure?: Failure) => void): AsyncIterator<unknown> {
  type Step = Promise<IteratorResult<unknown>> | IteratorResult<unknown>;
  const rows = cursor[Symbol.asyncIterator]() as unknown as Row<Step>;
  const next = (): Step => {
    const step = rows.next();
    if (!(step instanceof Promise)) {
      end();
      return step;
    }
    return step.then(
      (result) => {
        if (result.done === true) end();
        return result;
      },
      (error: unknown) => {
        end({ thrown: error });
        throw error;
      },
    );
  };
  const stop = (): Step => {
    end();
    return rows.return?.() as Step;
  };
  return { next, return: stop } as unknown as AsyncIterator<unknown>;
}
