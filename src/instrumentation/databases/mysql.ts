import {
  type Context,
  context,
  createContextKey,
  type Span,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import upstream from '@opentelemetry/instrumentation-mysql';
import { attempt } from '../wrap/guard.ts';
import { connectAttempt } from './failed-connects.ts';

const NAME = 'mysql';

/** Set in the context of a pool's query, which the connection would otherwise record again. */
const POOL_QUERY = createContextKey('otel-xray mysql pool query');

type Method = (this: unknown, ...args: unknown[]) => unknown;
type Patch = (original: Method) => Method;

/** A connection or a pool; the options of a pool contain those of its connections. */
interface Connector {
  readonly config?: Options & { readonly connectionConfig?: Options };
  connect?: Method;
  readonly getConnection?: Method;
}

interface Options {
  readonly host?: string;
  readonly port?: number;
  readonly database?: string;
  readonly user?: string;
}

/** Private members of upstream's class that are changed here. */
interface UpstreamPatches {
  readonly tracer: Tracer;
  _patchCreateConnection(): Patch;
  _patchQuery(connector: Connector): Patch;
  _patchGetConnection(connector: Connector): Patch;
  _patchCallbackQuery(span: Span, parent: Context): Patch;
}

/**
 * Upstream's instrumentation, which also records the user, errors as exceptions, and connections
 * that fail before a query could be sent.
 */
export const MySQLInstrumentation: typeof upstream.MySQLInstrumentation =
  upstream.MySQLInstrumentation;

const patches = upstream.MySQLInstrumentation.prototype as unknown as UpstreamPatches;
const { _patchCreateConnection, _patchGetConnection, _patchQuery, _patchCallbackQuery } = patches;

Object.assign(patches, {
  _patchCreateConnection() {
    const patch = _patchCreateConnection.call(this);
    return (original) => {
      const createConnection = patch(original);
      return (...args) => {
        const connection = createConnection(...args) as Connector;
        attempt(NAME, () => watchConnect(this.tracer, connection));
        return connection;
      };
    };
  },
  _patchGetConnection(connector) {
    const patch = _patchGetConnection.call(this, connector);
    return (original) => watching(this.tracer, connector, patch(original));
  },
  _patchQuery(connector) {
    const patch = _patchQuery.call(this, connector);
    const isPool = connector.getConnection !== undefined;
    return (original) => {
      // Upstream calls the original with its span active.
      const patched = patch(function (...args) {
        const { user } = optionsOf(connector);
        if (user !== undefined) trace.getActiveSpan()?.setAttribute('db.user', user);
        const active = context.active();
        const inner = isPool ? active.setValue(POOL_QUERY, true) : active;
        return context.with(inner, () => original.apply(this, args));
      });
      return function (...args) {
        const isTold = !isPool && context.active().getValue(POOL_QUERY) === true;
        return (isTold ? original : patched).apply(this, args);
      };
    };
  },
  _patchCallbackQuery(span, parent) {
    const patch = _patchCallbackQuery.call(this, span, parent);
    return (callback) => {
      const patched = patch(callback);
      return function (error, ...rest) {
        if (error) attempt(NAME, () => span.recordException(error as Error));
        return patched.call(this, error, ...rest);
      };
    };
  },
} satisfies Partial<UpstreamPatches> & ThisType<UpstreamPatches>);

function optionsOf({ config }: Connector): Options {
  return config?.connectionConfig ?? config ?? {};
}

/** The app calls `connect`; a query that connects has its own span. */
function watchConnect(tracer: Tracer, connection: Connector): void {
  const { connect } = connection;
  if (connect === undefined) return;
  Object.defineProperty(connection, 'connect', {
    value: watching(tracer, connection, connect),
    configurable: true,
    writable: true,
  });
}

/** Returns a function that connects, and records a span if it fails. */
function watching(tracer: Tracer, connector: Connector, connect: Method): Method {
  return function (...args) {
    const callback = args.at(-1);
    const isOfQuery = context.active().getValue(POOL_QUERY) === true;
    if (typeof callback !== 'function' || isOfQuery) return connect.apply(this, args);
    const { host, port, database, user } = optionsOf(connector);
    const watched = connectAttempt(NAME, tracer, 'mysql.connect', () => ({
      'db.system.name': 'mysql',
      'db.namespace': database,
      'server.address': host,
      'server.port': port,
      'db.user': user,
    }));
    const told: Method = function (error, ...rest) {
      if (error) watched.failed(error);
      return callback.call(this, error, ...rest);
    };
    return connect.apply(this, [...args.slice(0, -1), context.bind(context.active(), told)]);
  };
}
