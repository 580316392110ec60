import { normalize } from 'node:path';
import { type Attributes, trace } from '@opentelemetry/api';
import upstream from '@opentelemetry/instrumentation-mysql2';
import utils from '@opentelemetry/instrumentation-mysql2/build/src/utils.js';
import { VERSION } from '../../version.ts';
import { addFile, changeRanges } from '../loading/ranges.ts';
import { attempt } from '../wrap/guard.ts';
import { type ConnectAttempt, connectAttempt } from './failed-connects.ts';
import { watchPools } from './mysql2-pools.ts';
import { watchServerContext } from './mysql2-user.ts';

const NAME = 'mysql2';

/** A connection of mysql2, with the members that its prototype has in all supported versions. */
interface Connection {
  readonly config?: object;
  readonly authorized?: boolean;
  readonly _fatalError?: unknown;
  readonly _commands?: { readonly length: number };
}

interface ConnectionPrototype {
  addCommand?(this: Connection, ...args: unknown[]): unknown;
  _notifyError?(this: Connection, error: unknown, ...args: unknown[]): unknown;
}

interface UpstreamUtils {
  getConnectionAttributes(config: object): Attributes;
  getConnectionPrototypeToInstrument(connection: unknown): ConnectionPrototype;
}

/** From 3.20 on, mysql2 publishes its queries; see `channels/mysql2.ts`. */
const QUERIES = 'mysql2/lib/connection.js';
const CHANNELS = 'mysql2/lib/tracing.js';
const BEFORE_CHANNELS = '>=1.4.2 <3.20.0';
const WITH_CHANNELS = ['>=3.20.0'];

/**
 * Upstream's instrumentation, which also records the user, and connections that fail, or that a pool
 * cannot provide, before a query could be sent. Queries that mysql2 publishes on its channels are left to them.
 */
export class MySQL2Instrumentation extends upstream.MySQL2Instrumentation {
  constructor(config?: object) {
    super(config);
    const tracer = trace.getTracer('otel-xray/mysql2', VERSION);
    watchPools(this, { tracer, attributes: connectAttributes });
    changeRanges(this, (range, name) => (name === normalize(QUERIES) ? BEFORE_CHANNELS : range));
    addFile<object>(this, NAME, CHANNELS, WITH_CHANNELS, (exports) => {
      attempt(NAME, () => watchServerContext(exports));
    });
    addFile<unknown>(this, NAME, QUERIES, WITH_CHANNELS, (exports) => {
      attempt(NAME, () => watchConnects(getConnectionPrototypeToInstrument(exports)));
    });
  }
}

const upstreamUtils = utils as unknown as UpstreamUtils;
const { getConnectionAttributes, getConnectionPrototypeToInstrument } = upstreamUtils;

const patched = new WeakSet<object>();
/** Connection attempts that are not yet authorized. */
const attempts = new WeakMap<Connection, ConnectAttempt | 'connected'>();

Object.assign(upstreamUtils, {
  getConnectionAttributes(config) {
    const { connectionConfig } = config as { connectionConfig?: object };
    const { user } = (connectionConfig ?? config) as { user?: unknown };
    const attributes = getConnectionAttributes(config);
    return typeof user === 'string' ? { ...attributes, 'db.user': user } : attributes;
  },
  getConnectionPrototypeToInstrument(connection) {
    const prototype = getConnectionPrototypeToInstrument(connection);
    attempt(NAME, () => watchConnects(prototype));
    return prototype;
  },
} satisfies UpstreamUtils);

function watchConnects(prototype: ConnectionPrototype): void {
  const { addCommand, _notifyError } = prototype;
  if (patched.has(prototype) || addCommand === undefined || _notifyError === undefined) return;
  patched.add(prototype);
  // The first command is the handshake; the constructor adds it.
  prototype.addCommand = function (...args) {
    attempt(NAME, () => remember(this));
    return addCommand.apply(this, args);
  };
  prototype._notifyError = function (error, ...args) {
    attempt(NAME, () => recordFailure(this, error));
    return _notifyError.call(this, error, ...args);
  };
}

function remember(connection: Connection): void {
  const known = attempts.get(connection);
  if (known === 'connected') return;
  if (known === undefined) {
    const tracer = trace.getTracer('otel-xray/mysql2', VERSION);
    const attributes = () => connectAttributes(connection.config ?? {});
    attempts.set(connection, connectAttempt(NAME, tracer, 'mysql2.connect', attributes));
  } else if (connection.authorized === true) {
    attempts.set(connection, 'connected');
  }
}

/** @param config settings of a connection, a pool or, with no settings, a cluster of pools */
function connectAttributes(config: object): Attributes {
  return { 'db.system.name': 'mysql', ...upstreamUtils.getConnectionAttributes(config) };
}

/** Queries that wait for the connection record the error themselves. */
function recordFailure(connection: Connection, error: unknown): void {
  const { authorized, _fatalError, _commands } = connection;
  if (authorized !== false || _fatalError || (_commands?.length ?? 0) > 0) return;
  const known = attempts.get(connection);
  if (known !== undefined && known !== 'connected') known.failed(error);
}
