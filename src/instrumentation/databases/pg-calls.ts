import { types } from 'node:util';
import {
  type Attributes,
  type Context,
  context,
  type Histogram,
  type Span,
  SpanKind,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { observePromise } from '../../api/follow.ts';
import { guardedWrapper, ownGuard, type Wrapper } from '../loading/guarded-wrap.ts';
import { attempt } from '../wrap/guard.ts';
import { isMeasured } from '../wrap/measured.ts';
import { type AnyFunction, like } from '../wrap/same-shape.ts';
import { connectAttempt, failSpan } from './failed-connects.ts';

const NAME = 'pg';

type Callback = (this: unknown, error: unknown, ...rest: unknown[]) => unknown;

interface Config {
  readonly requireParentSpan?: boolean;
  readonly ignoreConnectSpans?: boolean;
  readonly requestHook?: unknown;
  readonly responseHook?: unknown;
  readonly enhancedDatabaseReporting?: boolean;
  readonly addSqlCommenterCommentToQueries?: boolean;
  readonly enableTraceContextPropagation?: boolean;
}

/** The part of upstream's instrumentation that a call needs. */
export interface PgTracing {
  readonly tracer: Tracer;
  readonly _operationDuration?: Histogram;
  getConfig(): Config;
}

/** Parameters of a connection. */
interface Parameters {
  readonly database?: string;
  readonly host?: string;
  readonly port?: number;
  readonly user?: unknown;
}

/** What a query is, in the first argument of a call. */
interface QueryConfig {
  readonly text?: unknown;
  readonly name?: unknown;
  readonly submit?: unknown;
  readonly callback?: unknown;
}

/** A call of `query` with its span. */
interface Call {
  readonly span: Span;
  /** The context of the caller; `undefined` outside a trace. */
  readonly outer: Context | undefined;
}

/** Says that upstream's function records a call. */
const UNUSUAL = 'unusual';

/**
 * Returns the wrapper of `Client.prototype.query`, with the spans of upstream's. Upstream's function
 * has many settings and needs a guard around it, which watches the callbacks of each call.
 *
 * @param upstream used for settings and arguments that this wrapper does not know, and if the app
 *   measures the duration of operations
 * @param spanName of a query in a database
 */
export function queryWrapper(
  tracing: PgTracing,
  upstream: Wrapper,
  spanName: (database: string | undefined, query: object) => string,
): Wrapper {
  return ownGuard((original, name) => {
    const traced = guardedWrapper(NAME, upstream)(original, name);
    return like(traced, function (this: unknown, ...args) {
      const call = attempt(NAME, () => startQuery(tracing, spanName, this as object, args));
      if (call === UNUSUAL) return traced.apply(this, args);
      if (call === undefined) return original.apply(this, args);
      const last = args.length - 1;
      if (typeof args[last] === 'function') args[last] = endingBefore(call, args[last] as Callback);
      let result: unknown;
      try {
        result = original.apply(this, args);
      } catch (error) {
        attempt(NAME, () => failSpan(call.span, error));
        throw error;
      }
      if (!types.isPromise(result)) return result;
      return observePromise(result, {
        done: () => void attempt(NAME, () => endSpan(call.span)),
        failed: (error) => void attempt(NAME, () => failSpan(call.span, error)),
      });
    });
  });
}

/** Starts the span of a query; returns `undefined` for one that is not to be traced. */
function startQuery(
  tracing: PgTracing,
  spanName: (database: string | undefined, query: object) => string,
  client: object,
  [first]: readonly unknown[],
): Call | typeof UNUSUAL | undefined {
  const config = tracing.getConfig();
  if (!isUsual(config) || isMeasured(tracing._operationDuration)) return UNUSUAL;
  const query = (typeof first === 'string' ? { text: first } : first) as QueryConfig | undefined;
  const { text, name, submit, callback } = query ?? {};
  if (typeof text !== 'string' || text === '') return UNUSUAL;
  if (typeof submit === 'function' || callback !== undefined) return UNUSUAL;
  const active = context.active();
  const outer = trace.getSpan(active) === undefined ? undefined : active;
  if (config.requireParentSpan === true && outer === undefined) return undefined;
  const { connectionParameters = {} } = client as { readonly connectionParameters?: Parameters };
  const { database, host, port, user } = connectionParameters;
  const attributes: Attributes = {
    'db.system.name': 'postgresql',
    'db.namespace': database,
    'server.address': host,
    'server.port': Number.isInteger(port) ? port : undefined,
    'db.query.text': text,
    'db.postgresql.plan': typeof name === 'string' ? name : undefined,
    'db.user': typeof user === 'string' ? user : undefined,
  };
  const options = { kind: SpanKind.CLIENT, attributes };
  return { span: tracing.tracer.startSpan(spanName(database, { text, name }), options), outer };
}

function isUsual(config: Config): boolean {
  return (
    config.requestHook === undefined &&
    config.responseHook === undefined &&
    config.enhancedDatabaseReporting !== true &&
    config.addSqlCommenterCommentToQueries !== true &&
    config.enableTraceContextPropagation !== true
  );
}

/** Returns the callback of the app: the span ends before it, and it runs in the context of its caller. */
function endingBefore({ span, outer }: Call, callback: Callback): Callback {
  return function (error, ...rest) {
    attempt(NAME, () => (error ? failSpan(span, error) : endSpan(span)));
    if (outer === undefined) return callback.call(this, error, ...rest);
    return context.with(outer, callback, this, error, ...rest);
  };
}

function endSpan(span: Span): void {
  if (span.isRecording()) span.end();
}

interface Pool {
  readonly idleCount?: number;
  readonly waitingCount?: number;
}

/**
 * Returns the wrapper of `Pool.prototype.connect` for connections that have a span only if they fail.
 * A pool that has a connection calls back without connecting, so nothing else is prepared.
 *
 * @param upstream used if connections have spans, or if the pool may have to connect
 * @param spanName of a failure
 */
export function poolConnectWrapper(
  tracing: PgTracing,
  upstream: Wrapper,
  spanName: string,
  attributesOf: (pool: object) => Attributes,
): Wrapper {
  return ownGuard((original, name) => {
    const traced = guardedWrapper(NAME, upstream)(original, name);
    return like(traced, function (this: unknown, ...args) {
      const [callback] = args;
      const { idleCount = 0, waitingCount = 0 } = this as Pool;
      const isIdle = tracing.getConfig().ignoreConnectSpans === true && idleCount > waitingCount;
      if (!isIdle || typeof callback !== 'function') return traced.apply(this, args);
      const outer = context.active();
      const { failed } = connectAttempt(NAME, tracing.tracer, spanName, () =>
        attributesOf(this as object),
      );
      const told: Callback = function (error, ...rest) {
        if (error) failed(error);
        return context.with(outer, callback as AnyFunction, this, error, ...rest);
      };
      return original.call(this, told);
    });
  });
}
