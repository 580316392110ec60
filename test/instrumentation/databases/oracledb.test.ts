import { trace } from '@opentelemetry/api';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { OracleInstrumentation } from '../../../src/instrumentation/databases/oracledb.ts';
import { startTracing } from '../../support/tracing.ts';

const tracing = startTracing();
beforeEach(() => tracing.reset());
afterAll(() => tracing.close());

interface Call {
  readonly operation: string;
  fn?: () => unknown;
  error?: unknown;
}

interface Handler {
  onEnterFn(call: Call): void;
  onExitFn(call: Call): void;
  onBeginRoundTrip(message: Call): void;
  onEndRoundTrip(message: Call): void;
}

/** Returns what the driver calls, as the instrumentation registers it. */
function registered(config: object): Handler {
  let handler: Handler | undefined;
  const driver = {
    traceHandler: {
      TraceHandlerBase: class {
        enable(): void {}
      },
      getTraceInstance: () => handler,
      setTraceInstance(given?: Handler) {
        handler = given;
      },
    },
  };
  const [definition] = new OracleInstrumentation(config).init();
  definition?.patch?.(driver, '26.0.0');
  return handler as unknown as Handler;
}

/** Makes a call as the driver does, with one message to the server. */
function callWith(handler: Handler, operation: string, message: string, error?: Error): void {
  const call: Call = {
    operation,
    fn() {
      const sent: Call = { operation: message, ...(error && { error }) };
      handler.onBeginRoundTrip(sent);
      handler.onEndRoundTrip(sent);
    },
  };
  handler.onEnterFn(call);
  call.fn?.();
  handler.onExitFn(Object.assign(call, { error }));
}

function names(config: object, operation: string, message: string, error?: Error): unknown {
  tracing.reset();
  trace.getTracer('app').startActiveSpan('request', (request) => {
    callWith(registered(config), operation, message, error);
    request.end();
  });
  return tracing.spans().map(({ name }) => name);
}

const CONNECT = ['oracledb.getConnection', 'oracledb.AuthMessage'] as const;
const CLOSE = ['oracledb.Connection.close', 'oracledb.LogOffMessage'] as const;
const PING = ['oracledb.Connection.ping', 'oracledb.PingMessage'] as const;

test.each<[string, object, readonly [string, string], readonly string[]]>([
  ['opening a connection', {}, CONNECT, ['request']],
  ['closing one', {}, CLOSE, ['request']],
  ['another call', {}, PING, ['oracledb.PingMessage', 'oracledb.Connection.ping', 'request']],
  [
    'opening a connection, with connect spans',
    { connectSpans: true },
    CONNECT,
    ['oracledb.AuthMessage', 'oracledb.getConnection', 'request'],
  ],
])('spans of %s', (_what, config, [operation, message], expected) => {
  expect(names(config, operation, message)).toEqual(expected);
});

test('a connection that fails has one span, with the time of the attempt', () => {
  expect(names({}, ...CONNECT, new Error('NJS-503'))).toEqual([CONNECT[0], 'request']);
  const [failed, request] = tracing.spans();
  expect(failed?.attributes).toMatchObject({ 'db.system.name': 'oracle.db' });
  expect(failed?.status.message).toBe('NJS-503');
  expect(failed?.parentSpanContext?.spanId).toBe(request?.spanContext().spanId);
});

test('a message of a pool that connects on its own has no span', () => {
  const handler = registered({});
  const message: Call = { operation: 'oracledb.FastAuthMessage' };
  handler.onBeginRoundTrip(message);
  handler.onEndRoundTrip(message);
  expect(tracing.spans()).toEqual([]);
});

test('outside a trace, a connection that fails has no span if a parent is required', () => {
  callWith(registered({ requireParentSpan: true }), ...CONNECT, new Error('NJS-503'));
  expect(tracing.spans()).toEqual([]);
});
