import {
  type Context,
  context,
  createContextKey,
  defaultTextMapGetter,
  defaultTextMapSetter,
  ROOT_CONTEXT,
  type SpanContext,
  type TextMapPropagator,
  trace,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CBaggagePropagator, W3CTraceContextPropagator } from '@opentelemetry/core';
import { B3InjectEncoding, B3Propagator } from '@opentelemetry/propagator-b3';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { headerContextOf, withHeaderContext } from '../../src/propagation/header-context.ts';
import { propagatorFromNames } from '../../src/propagation/names.ts';
import { traceResponseHook } from '../../src/propagation/response.ts';
import { isDeferred, isRootOnly } from '../../src/propagation/span-context-flags.ts';
import { xrayPropagator } from '../../src/propagation/xray.ts';
import { CASES } from '../support/sampling-cases.ts';

const TRACE_ID = '5759e988bd862e3fe1be46a994272793';
const ROOT = 'Root=1-5759e988-bd862e3fe1be46a994272793';
const HEADER = `${ROOT};Parent=53995c3f42cd8ad8`;

const FACTORIES = {
  xray: () => xrayPropagator(),
  tracecontext: () => new W3CTraceContextPropagator(),
  baggage: () => new W3CBaggagePropagator(),
  b3: () => new B3Propagator(),
  b3multi: () => new B3Propagator({ injectEncoding: B3InjectEncoding.MULTI_HEADER }),
};

const named = (names: string) => propagatorFromNames(names.split(','), FACTORIES);

function extracted(carrier: Record<string, unknown>, by: TextMapPropagator = xrayPropagator()) {
  return by.extract(ROOT_CONTEXT, carrier, defaultTextMapGetter);
}

function injected(active: Context, carrier: Record<string, unknown> = {}, by = xrayPropagator()) {
  by.inject(active, carrier, defaultTextMapSetter);
  return carrier;
}

function seen(active: Context) {
  const found = trace.getSpanContext(active);
  return (
    found && {
      traceId: found.traceId,
      parentId: isRootOnly(found) ? null : found.spanId,
      sampled: isDeferred(found) ? null : (found.traceFlags & 1) === 1,
      deferred: isDeferred(found),
      rootOnly: isRootOnly(found),
      tracestate: found.traceState?.serialize(),
      injected_xray_root: /Root=([^;]*)/.exec(String(injected(active)['x-amzn-trace-id']))?.[1],
    }
  );
}

beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
});
afterAll(() => context.disable());

describe('cases of the specification', () => {
  test.for(CASES.headers)('extract $id', ({ value, expected }) => {
    const { lineage: _, data: __, ...wanted } = expected ?? {};
    const found = seen(extracted({ 'x-amzn-trace-id': value }));
    expect(found === undefined).toBe(expected === null);
    expect(found ?? {}).toMatchObject(wanted);
  });

  test.for(CASES.headerCarrier)('$id: $expected', ({ carrier, expected }) => {
    const active = extracted(carrier);
    expect(active === ROOT_CONTEXT).toBe(expected === 'context unchanged');
    expect(seen(active)?.traceId).toBe(expected === 'context unchanged' ? undefined : TRACE_ID);
  });

  test.for(CASES.inject)('$id', ({ context: given, expected }) => {
    const active =
      given === null
        ? ROOT_CONTEXT
        : withHeaderContext(
            trace.setSpanContext(ROOT_CONTEXT, {
              traceId: given.traceId,
              spanId: given.spanId,
              traceFlags: given.flags,
            }),
            {
              lineage: given.lineage,
              data: Object.entries(given.data ?? {}),
              wantsDecision: false,
              conflictingParent: undefined,
            },
          );
    expect(injected(active)['x-amzn-trace-id']).toBe(expected ?? undefined);
  });

  test.for(CASES.composite)('$id: $propagators', ({ propagators, carrier, expected }) => {
    const found = seen(extracted(carrier, named(propagators)));
    expect(found === undefined).toBe(expected === null);
    const { note: _, ...wanted } = { note: '', ...expected };
    expect(found ?? {}).toMatchObject(wanted);
  });
});

test.for([
  { rule: 'sends a Root-only header on as received', header: `${ROOT};Lineage=1:a87bd80c:0;App=x` },
  { rule: 'keeps a decision without a parent', header: `${ROOT};Sampled=0` },
  { rule: 'keeps Sampled=?', header: `${HEADER};Sampled=?` },
  { rule: 'keeps a missing decision missing', header: HEADER },
  { rule: 'sends a header with a decision on', header: `${HEADER};Sampled=1;Lineage=1:a87bd80c:0` },
])('a proxy that creates no span: $rule', ({ header }) => {
  const active = extracted({ 'x-amzn-trace-id': header });
  expect(injected(active)).toEqual({ 'x-amzn-trace-id': header });
});

test('a span below a Root-only header sends its own id and the application data on', () => {
  const active = extracted({ 'x-amzn-trace-id': `${ROOT};Lineage=1:a87bd80c:0;App=x` });
  const local: SpanContext = { traceId: TRACE_ID, spanId: '1111111111111111', traceFlags: 1 };
  expect(injected(trace.setSpanContext(active, local))['x-amzn-trace-id']).toBe(
    `${ROOT};Parent=1111111111111111;Sampled=1;Lineage=1:a87bd80c:0;App=x`,
  );
});

test('two requests with the same Root-only header get different parents', () => {
  const parent = () => trace.getSpanContext(extracted({ 'x-amzn-trace-id': ROOT }))?.spanId;
  expect(parent()).not.toBe(parent());
});

test('inject without a trace leaves the headers of the app alone', () => {
  const carrier = { 'X-Amzn-Trace-Id': HEADER };
  expect(injected(ROOT_CONTEXT, carrier)).toEqual({ 'X-Amzn-Trace-Id': HEADER });
});

test('inject removes other spellings of the header name', () => {
  const active = extracted({ 'x-amzn-trace-id': `${HEADER};Sampled=1` });
  const carrier = { 'X-Amzn-Trace-Id': 'Root=other', 'X-AMZN-TRACE-ID': 'x', accept: '*/*' };
  expect(injected(active, carrier)).toEqual({
    'x-amzn-trace-id': `${HEADER};Sampled=1`,
    accept: '*/*',
  });
});

test('untraced work injects nothing', () => {
  const key = createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING');
  const active = extracted({ 'x-amzn-trace-id': `${HEADER};Sampled=1` }).setValue(key, true);
  expect(injected(active)).toEqual({});
});

test.for([
  { as: undefined, flags: 0 },
  { as: 'unsampled', flags: 0 },
  { as: 'sampled', flags: 1 },
] as const)('an open decision looks $as to a foreign sampler', ({ as, flags }) => {
  const by = xrayPropagator({ deferredAs: as });
  const found = trace.getSpanContext(extracted({ 'x-amzn-trace-id': HEADER }, by));
  expect(found?.traceFlags).toBe(flags);
  expect(found && isDeferred(found)).toBe(true);
});

test('keeps a conflicting parent of another trace for a span link', () => {
  const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
  const active = extracted(
    { traceparent, 'x-amzn-trace-id': `${HEADER};Sampled=1` },
    named('tracecontext,xray'),
  );
  expect(headerContextOf(active)?.conflictingParent?.traceId).toBe('a'.repeat(32));
  const same = extracted(
    {
      traceparent: `00-${TRACE_ID}-${'b'.repeat(16)}-01`,
      'x-amzn-trace-id': `${HEADER};Sampled=1`,
    },
    named('tracecontext,xray'),
  );
  expect(headerContextOf(same)?.conflictingParent).toBeUndefined();
});

test.for([
  { names: '', fields: ['baggage', 'traceparent', 'tracestate', 'x-amzn-trace-id'] },
  { names: 'XRay, tracecontext,xray', fields: ['x-amzn-trace-id', 'traceparent', 'tracestate'] },
  { names: 'none', fields: [] },
  { names: 'xray,none', fields: [] },
  { names: 'b3', fields: ['b3'] },
  {
    names: 'b3multi,nonsense,toString',
    fields: ['x-b3-traceid', 'x-b3-spanid', 'x-b3-flags', 'x-b3-sampled', 'x-b3-parentspanid'],
  },
])('OTEL_PROPAGATORS=$names', ({ names, fields }) => {
  expect(named(names).fields()).toEqual(fields);
});

test('an error in one propagator does not affect the others', () => {
  const broken: TextMapPropagator = {
    inject() {
      throw new Error('no');
    },
    extract() {
      throw new Error('no');
    },
    fields: () => [],
  };
  const by = propagatorFromNames(['broken', 'xray'], { ...FACTORIES, broken: () => broken });
  const active = extracted({ 'x-amzn-trace-id': `${HEADER};Sampled=1` }, by);
  expect(seen(active)?.traceId).toBe(TRACE_ID);
  expect(injected(active, {}, by)).toEqual({ 'x-amzn-trace-id': `${HEADER};Sampled=1` });
});

test.for([
  { mode: 'requested', header: `${HEADER};Sampled=?`, flags: 1, answer: `${ROOT};Sampled=1` },
  { mode: 'requested', header: `${HEADER};Sampled=?`, flags: 0, answer: `${ROOT};Sampled=0` },
  { mode: 'requested', header: HEADER, flags: 1, answer: undefined },
  { mode: 'requested', header: `${HEADER};Sampled=1`, flags: 1, answer: undefined },
  { mode: 'always', header: HEADER, flags: 1, answer: `${ROOT};Sampled=1` },
  { mode: 'never', header: `${HEADER};Sampled=?`, flags: 1, answer: undefined },
] as const)(
  'the response to $header, mode $mode, flag $flags',
  ({ mode, header, flags, answer }) => {
    const setHeader = vi.fn();
    const span = trace.wrapSpanContext({
      traceId: TRACE_ID,
      spanId: '1111111111111111',
      traceFlags: flags,
    });
    context.with(extracted({ 'x-amzn-trace-id': header }), () => {
      traceResponseHook(mode)(span, { setHeader, headersSent: false });
      // The answer to a call of our own, and a response that is under way already.
      traceResponseHook(mode)(span, { headers: {} });
      traceResponseHook(mode)(span, { setHeader, headersSent: true });
    });
    expect(setHeader.mock.calls).toEqual(answer === undefined ? [] : [['X-Amzn-Trace-Id', answer]]);
  },
);
