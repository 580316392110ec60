import {
  type Attributes,
  context,
  createContextKey,
  createNoopMeter,
  type Span,
  type Tracer,
  type UpDownCounter,
} from '@opentelemetry/api';
import upstream from '@opentelemetry/instrumentation-pg';
import utils from '@opentelemetry/instrumentation-pg/build/src/utils.js';
import type { Wrapper } from '../loading/guarded-wrap.ts';
import { attempt } from '../wrap/guard.ts';
import { connectAttempt, failSpan, onRejection } from './failed-connects.ts';
import { type PgTracing, poolConnectWrapper, queryWrapper } from './pg-calls.ts';
import { watchStreams } from './pg-streams.ts';

const NAME = 'pg';
const POOL_CONNECT = 'pg-pool.connect';

type Callback = (this: unknown, error: unknown, ...rest: unknown[]) => unknown;
type Connect = (this: Connector, callback?: Callback) => unknown;
type Query = (this: unknown, ...args: unknown[]) => unknown;

/** A client or a pool. */
interface Connector {
  readonly connectionParameters?: object;
  readonly options?: object;
}

/** Private members of upstream's class that are changed here. */
interface UpstreamPatches extends PgTracing {
  _getClientConnectPatch(): (original: Connect) => Connect;
  _getPoolConnectPatch(): (original: Connect) => Connect;
  _getClientQueryPatch(): (original: Query) => Query;
}

/**
 * Upstream's instrumentation with these changes: errors are recorded with their own message and
 * stack, which upstream replaces with a fixed text; a connection has a span only if it fails,
 * unless connect spans are enabled; queries that are streams or cursors end their spans; a query
 * records the user; and usual calls do not run upstream's code (see `pg-calls.ts`).
 */
export const PgInstrumentation: typeof upstream.PgInstrumentation = upstream.PgInstrumentation;

const patches = upstream.PgInstrumentation.prototype as unknown as UpstreamPatches;
const { _getClientConnectPatch, _getPoolConnectPatch, _getClientQueryPatch } = patches;

Object.assign(patches, {
  _getClientConnectPatch(this: UpstreamPatches) {
    return watchConnects(this, _getClientConnectPatch.call(this), 'pg.connect', (client) =>
      connectionAttributes(client.connectionParameters),
    );
  },
  _getPoolConnectPatch(this: UpstreamPatches) {
    const attributesOf = (pool: Connector): Attributes => poolAttributes(pool.options);
    const upstream = watchConnects(
      this,
      _getPoolConnectPatch.call(this),
      POOL_CONNECT,
      attributesOf,
    );
    return poolConnectWrapper(this, upstream as Wrapper, POOL_CONNECT, attributesOf);
  },
  _getClientQueryPatch(this: UpstreamPatches) {
    const spanOf = (client: Connector, query: object): Span => {
      const args = [this.tracer, this.getConfig(), query] as const;
      const span = upstreamUtils.handleConfigQuery.call(client, ...args);
      return span.setAttributes(connectionAttributes(client.connectionParameters));
    };
    const upstream = watchStreams(_getClientQueryPatch.call(this), spanOf) as Wrapper;
    return queryWrapper(this, upstream, upstreamUtils.getQuerySpanName);
  },
});

/** Functions that upstream calls through the exports of the file. */
interface UpstreamUtils {
  sanitizedErrorMessage(error: unknown): unknown;
  patchCallback(
    config: object,
    span: Span,
    callback: Callback,
    attributes: Attributes,
    recordDuration: () => void,
  ): Callback;
  patchCallbackPGPool(span: Span, callback: Callback): Callback;
  patchClientConnectCallback(span: Span, callback: Callback): Callback;
  handleExecutionResult(config: object, span: Span, result: unknown): void;
  updateCounter(
    poolName: string,
    pool: object,
    connections: UpDownCounter,
    pending: UpDownCounter,
    latest: object,
  ): object;
  getQuerySpanName(database: string | undefined, query: object): string;
  handleConfigQuery(this: unknown, tracer: Tracer, config: object, query?: object): Span;
  getSemanticAttributesFromConnection(parameters: object): Attributes;
  getSemanticAttributesFromPoolConnection(options: object): Attributes;
}
const upstreamUtils = utils as unknown as UpstreamUtils;
const { handleConfigQuery, updateCounter } = upstreamUtils;
/** What counters are as long as the app has no meter provider. */
const NOT_COUNTED = createNoopMeter().createUpDownCounter('');
const endingSpan = (span: Span, callback: Callback): Callback =>
  function (error, ...rest) {
    attempt(NAME, () => (error ? failSpan(span, error) : span.isRecording() && span.end()));
    return callback.call(this, error, ...rest);
  };

Object.assign(upstreamUtils, {
  sanitizedErrorMessage: (error: unknown) => error,
  patchCallback(config, span, callback, attributes, recordDuration) {
    return function (error, result, ...rest) {
      attempt(NAME, () => {
        const { code } = (error ?? {}) as { code?: unknown };
        if (typeof code === 'string') attributes['error.type'] = code;
        recordDuration();
        if (error) return failSpan(span, error);
        if (!span.isRecording()) return;
        upstreamUtils.handleExecutionResult(config, span, result);
        span.end();
      });
      return callback.call(this, error, result, ...rest);
    };
  },
  patchCallbackPGPool: endingSpan,
  patchClientConnectCallback: endingSpan,
  handleConfigQuery(this: Connector, tracer, config, query) {
    const span = handleConfigQuery.call(this, tracer, config, query);
    const { user } = (this.connectionParameters ?? {}) as { user?: unknown };
    return typeof user === 'string' ? span.setAttribute('db.user', user) : span;
  },
  // Called twice for each query of a pool.
  updateCounter(poolName, pool, connections, pending, latest) {
    if (connections === NOT_COUNTED) return latest;
    return updateCounter(poolName, pool, connections, pending, latest);
  },
} satisfies Partial<UpstreamUtils>);

function connectionAttributes(parameters: object | undefined): Attributes {
  const { user } = (parameters ?? {}) as { user?: unknown };
  return {
    ...upstreamUtils.getSemanticAttributesFromConnection(parameters ?? {}),
    ...(typeof user === 'string' && { 'db.user': user }),
  };
}

function poolAttributes(options: object | undefined): Attributes {
  const { user } = (options ?? {}) as { user?: unknown };
  return {
    ...upstreamUtils.getSemanticAttributesFromPoolConnection(options ?? {}),
    ...(typeof user === 'string' && { 'db.user': user }),
  };
}

/** Set while a pool connects a client: the app sees the error of the pool, such as its timeout. */
const IN_POOL = createContextKey('otel-xray: pg pool connects');

interface PoolConnect {
  /** Of the client that failed. */
  attributes?: Attributes;
}

/** Records failed connections where upstream records none. */
function watchConnects(
  plugin: UpstreamPatches,
  patch: (original: Connect) => Connect,
  name: string,
  attributesOf: (connector: Connector) => Attributes,
): (original: Connect) => Connect {
  return (original) => {
    const patched = patch(original);
    return function connect(this: Connector, callback) {
      if (plugin.getConfig().ignoreConnectSpans !== true) return patched.call(this, callback);
      const outer = context.active();
      const pool = outer.getValue(IN_POOL) as PoolConnect | undefined;
      const own: PoolConnect = {};
      const inner = name === POOL_CONNECT ? outer.setValue(IN_POOL, own) : outer;
      const watched = connectAttempt(
        NAME,
        plugin.tracer,
        name,
        () => own.attributes ?? attributesOf(this),
      );
      const failed = (error: unknown): void => {
        if (pool === undefined) watched.failed(error);
        else attempt(NAME, () => Object.assign(pool, { attributes: attributesOf(this) }));
      };
      if (callback !== undefined) {
        const told: Callback = function (error, ...rest) {
          if (error) failed(error);
          return callback.call(this, error, ...rest);
        };
        // A pool calls back in the context of the code that released the connection.
        return context.with(inner, () => patched.call(this, context.bind(outer, told)));
      }
      return onRejection(
        context.with(inner, () => patched.call(this)),
        failed,
      );
    };
  };
}
