import { context, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import { describe, expect, test } from 'vitest';
import { xrayIdGenerator } from '../../src/propagation/ids.ts';
import {
  contextFromSqsMessage,
  isSampled,
  type OutgoingMessage,
  type ReceiveInput,
  requestTraceHeader,
  setTraceHeader,
} from '../../src/propagation/sqs.ts';
import { CASES } from '../support/sampling-cases.ts';

describe('cases of the specification', () => {
  test.for(CASES.messages.filter(({ sqs }) => sqs !== undefined))('$id', (row) => {
    const found = trace.getSpanContext(contextFromSqsMessage(row.sqs ?? {}));
    const wanted = row.expected as { traceId: string; parentId: string; sampled: boolean } | null;
    const parent = found && { traceId: found.traceId, parentId: found.spanId };
    expect(row.isSampled === undefined ? (parent ?? null) : 'only isSampled').toEqual(
      row.isSampled === undefined
        ? wanted && { traceId: wanted.traceId, parentId: wanted.parentId }
        : 'only isSampled',
    );
    expect(isSampled(row.sqs ?? {})).toBe(row.isSampled ?? wanted?.sampled ?? false);
  });

  test.for(CASES.ids.filter(({ now_epoch }) => now_epoch !== undefined))('$id', (row) => {
    const ids = xrayIdGenerator(() => (row.now_epoch ?? 0) * 1000 + 999);
    expect(ids.generateTraceId().slice(0, 8)).toBe(row.expected_prefix);
  });
});

const SPAN = {
  traceId: '5759e988bd862e3fe1be46a994272793',
  spanId: '53995c3f42cd8ad8',
  traceFlags: 1,
};
const NOTHING = {
  onStart() {},
  onEnd() {},
  forceFlush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
};
const HEADER = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1';

test('messages.6: keeps a header set by the app; adds one beside other system attributes', () => {
  const active = trace.setSpanContext(ROOT_CONTEXT, SPAN);
  const own = { DataType: 'String', StringValue: 'mine' };
  const messages: OutgoingMessage[] = [
    { MessageSystemAttributes: { AWSTraceHeader: own } },
    { MessageSystemAttributes: { Other: own } },
    {},
  ];
  for (const message of messages) setTraceHeader(message, active);
  const ours = { DataType: 'String', StringValue: HEADER };
  expect(messages).toEqual([
    { MessageSystemAttributes: { AWSTraceHeader: own } },
    { MessageSystemAttributes: { Other: own, AWSTraceHeader: ours } },
    { MessageSystemAttributes: { AWSTraceHeader: ours } },
  ]);
});

test('without a trace a message stays unchanged', () => {
  const message: OutgoingMessage = {};
  setTraceHeader(message, ROOT_CONTEXT);
  expect(message).toEqual({});
});

test.for<{ rule: string; input: ReceiveInput; after: ReceiveInput }>([
  { rule: 'no list', input: {}, after: { MessageSystemAttributeNames: ['AWSTraceHeader'] } },
  {
    rule: 'the older list',
    input: { AttributeNames: ['SentTimestamp'] },
    after: { AttributeNames: ['SentTimestamp', 'AWSTraceHeader'] },
  },
  {
    rule: 'a list with All',
    input: { MessageSystemAttributeNames: ['All'] },
    after: { MessageSystemAttributeNames: ['All'] },
  },
  {
    rule: 'a list that has the name',
    input: { AttributeNames: ['AWSTraceHeader'] },
    after: { AttributeNames: ['AWSTraceHeader'] },
  },
])('ReceiveMessage asks for the header: $rule', ({ input, after }) => {
  requestTraceHeader(input);
  expect(input).toEqual(after);
});

test('ids.3: all-zero random bytes do not yield an invalid span id', () => {
  expect(xrayIdGenerator(Date.now, (bytes) => bytes.fill(0)).generateSpanId()).toBe(
    '0000000000000001',
  );
});

test('the first eight digits are the current second', () => {
  let seconds = 0xff;
  const ids = xrayIdGenerator(() => seconds * 1000 + 999);
  const times = [0xff, 0x100, 0x6a0c_1122, 0x6a0c_1122, 0x6a0c_1123].map((second) => {
    seconds = second;
    return ids.generateTraceId().slice(0, 8);
  });
  expect(times).toEqual(['000000ff', '00000100', '6a0c1122', '6a0c1122', '6a0c1123']);
});

test('reading random bytes makes no fs span', () => {
  const fs = process.getBuiltinModule('node:fs');
  const { openSync } = fs;
  const ids = xrayIdGenerator();
  const ended: string[] = [];
  const provider = new BasicTracerProvider({
    idGenerator: ids,
    spanProcessors: [{ ...NOTHING, onEnd: ({ name }) => void ended.push(name) }],
  });
  const tracer = provider.getTracer('fs');
  context.setGlobalContextManager(new AsyncLocalStorageContextManager());
  fs.openSync = (...args) =>
    tracer.startActiveSpan('openSync', (span) => {
      span.end();
      return openSync(...args);
    });
  try {
    tracer.startSpan('mine').end();
    fs.closeSync(fs.openSync(import.meta.filename, 'r'));
  } finally {
    fs.openSync = openSync;
    context.disable();
  }
  expect(ended).toEqual(['mine', 'openSync']);
});

test('without the system source ids come from node:crypto', () => {
  const fs = process.getBuiltinModule('node:fs');
  const { openSync } = fs;
  fs.openSync = () => {
    throw Object.assign(new Error('no access'), { code: 'ERR_ACCESS_DENIED' });
  };
  try {
    const ids = xrayIdGenerator();
    expect(new Set(Array.from({ length: 3 }, () => ids.generateTraceId())).size).toBe(3);
  } finally {
    fs.openSync = openSync;
  }
});

test('ids are the hex digits of the random bytes', () => {
  const counting = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  const ids = xrayIdGenerator(
    () => 0,
    (bytes) => bytes.set(counting),
  );
  expect([ids.generateTraceId(), ids.generateSpanId()]).toEqual([
    '00000000000102030405060708090a0b',
    '0c0d0e0f10111213',
  ]);
});

test('ids.4: a hundred thousand ids are well formed and all different', () => {
  const ids = xrayIdGenerator();
  const traces = new Set<string>();
  const spans = new Set<string>();
  let bad = 0;
  for (let i = 0; i < 100_000; i += 1) {
    const trace = ids.generateTraceId();
    const span = ids.generateSpanId();
    bad += Number(!/^[0-9a-f]{32}$/.test(trace) || !/^[0-9a-f]{16}$/.test(span));
    traces.add(trace);
    spans.add(span);
  }
  expect({ bad, traces: traces.size, spans: spans.size }).toEqual({
    bad: 0,
    traces: 100_000,
    spans: 100_000,
  });
});
