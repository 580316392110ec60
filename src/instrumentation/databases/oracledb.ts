import {
  type Context,
  context,
  createContextKey,
  type Span,
  SpanKind,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import upstream from '@opentelemetry/instrumentation-oracledb';
import { attempt } from '../wrap/guard.ts';

const NAME = 'oracledb';

/** What the driver says of a call or of a message; the same object at its start and at its end. */
interface TraceContext {
  readonly operation: string;
  readonly error?: unknown;
  fn?: (...args: never[]) => unknown;
  userContext?: { readonly span: Span };
}

/** What the driver calls. */
interface TraceHandler {
  onEnterFn(call: TraceContext): void;
  onExitFn(call: TraceContext): void;
  onBeginRoundTrip(message: TraceContext): void;
}

interface OracleDB {
  readonly traceHandler?: { getTraceInstance?(): TraceHandler | null | undefined };
}

interface Config {
  readonly requireParentSpan?: boolean;
  /** Whether successful connections have a span. */
  readonly connectSpans?: boolean;
}

/** Private members of upstream's class that are used here. */
interface Upstream {
  readonly tracer: Tracer;
  getConfig(): Config;
}

/** Calls that open or close connections; a connection of a pool is only taken and given back. */
const CONNECTING: ReadonlySet<string> = new Set([
  'oracledb.createPool',
  'oracledb.getConnection',
  'oracledb.Connection.close',
  'oracledb.Pool.close',
  'oracledb.Pool.getConnection',
]);

/** Messages that do so; a pool also sends them on its own. */
const CONNECTING_MESSAGES: ReadonlySet<string> = new Set([
  'oracledb.AuthMessage',
  'oracledb.DataTypeMessage',
  'oracledb.FastAuthMessage',
  'oracledb.LogOffMessage',
  'oracledb.ProtocolMessage',
]);

/** Set in the context of a call that connects, whose messages have no span. */
const IS_CONNECTING = createContextKey('otel-xray: oracledb connects');

/** A call that connects. */
interface Connecting {
  readonly startMs: number;
  readonly outer: Context;
}

/**
 * Upstream's instrumentation, but opening and closing a connection has a span only if it fails, unless
 * connect spans are enabled, as for the other databases.
 */
export class OracleInstrumentation extends upstream.OracleInstrumentation {
  override init(): ReturnType<upstream.OracleInstrumentation['init']> {
    const definitions = super.init();
    for (const definition of definitions) {
      const { patch } = definition;
      definition.patch = (exports: OracleDB, version?: string) => {
        const patched = patch?.(exports, version) as OracleDB;
        attempt(NAME, () => {
          const { connectSpans } = (this as unknown as Upstream).getConfig();
          const handler = exports.traceHandler?.getTraceInstance?.();
          if (handler && !connectSpans) leaveOutConnects(handler, this as unknown as Upstream);
        });
        return patched;
      };
    }
    return definitions;
  }
}

/** Changes what upstream registered. */
function leaveOutConnects(handler: TraceHandler, instrumentation: Upstream): void {
  const { onEnterFn, onExitFn, onBeginRoundTrip } = handler;
  const calls = new WeakMap<TraceContext, Connecting>();
  Object.assign(handler, {
    onEnterFn(call) {
      if (!CONNECTING.has(call.operation)) return onEnterFn.call(this, call);
      const outer = context.active();
      const { requireParentSpan } = instrumentation.getConfig();
      if (requireParentSpan === true && trace.getSpan(outer) === undefined) return;
      // `oracledb.getConnection` of a pool calls that of the pool.
      if (outer.getValue(IS_CONNECTING) === true) return;
      calls.set(call, { startMs: Date.now(), outer });
      if (call.fn) call.fn = context.bind(outer.setValue(IS_CONNECTING, true), call.fn);
    },
    onExitFn(call) {
      const connecting = calls.get(call);
      if (connecting === undefined) return onExitFn.call(this, call);
      if (call.error === undefined || call.error === null) return;
      const { startMs, outer } = connecting;
      const attributes = { 'db.system.name': 'oracle.db' };
      const options = { kind: SpanKind.CLIENT, startTime: startMs, attributes };
      call.userContext = { span: instrumentation.tracer.startSpan(call.operation, options, outer) };
      onExitFn.call(this, call);
    },
    onBeginRoundTrip(message) {
      const isConnecting =
        CONNECTING_MESSAGES.has(message.operation) ||
        context.active().getValue(IS_CONNECTING) === true;
      if (!isConnecting) onBeginRoundTrip.call(this, message);
    },
  } satisfies TraceHandler);
}
