import { context, trace } from '@opentelemetry/api';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
} from '@opentelemetry/sdk-trace-base';
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import { setContextMissing } from '../../src/api/context-missing.ts';
import {
  addAnnotation,
  addError,
  addMetadata,
  capture,
  captured,
  isSampled,
  openSpan,
  setUser,
  traceTask,
  xrayTraceId,
} from '../../src/api.ts';
import { startTracing } from '../support/tracing.ts';

const sampler = { on: new AlwaysOnSampler(), off: new AlwaysOffSampler(), next: 'on' as const };
let decision: 'on' | 'off' = 'on';
const tracing = startTracing({
  sampler: new ParentBasedSampler({
    root: {
      shouldSample: () => sampler[decision].shouldSample(),
      toString: () => 'by hand',
    },
  }),
});
beforeEach(() => tracing.reset());
afterEach(() => {
  decision = 'on';
  setContextMissing('LOG_ERROR');
});
afterAll(() => tracing.close());

const HELPERS = [
  { name: 'addAnnotation', call: () => addAnnotation('a', 1) },
  { name: 'addMetadata', call: () => addMetadata('a', 1) },
  { name: 'setUser', call: () => setUser('a') },
  { name: 'addError', call: () => addError(new Error('a')) },
];

test.for(HELPERS)(
  '$name outside a trace warns once per call site, with file and line',
  (helper) => {
    for (let i = 0; i < 3; i += 1) helper.call();
    expect(tracing.logged).toEqual([
      expect.stringMatching(
        new RegExp(
          `^warn: otel-xray: ${helper.name}\\(\\) outside a trace: .*context\\.test\\.ts:\\d+\\)$`,
        ),
      ),
    ]);
  },
);

test('each call site logs its own message with its line', () => {
  addAnnotation('a', 1);
  addAnnotation('a', 1);
  const lines = tracing.logged.map((message) => Number(/:(\d+)\)$/.exec(message)?.[1]));
  expect(lines).toHaveLength(2);
  expect((lines[1] ?? 0) - (lines[0] ?? 0)).toBe(1);
});

test('work captured outside a trace becomes a new trace, with a warning', () => {
  expect(capture('alone', () => 5)).toBe(5);
  expect(tracing.span('alone').parentSpanContext).toBeUndefined();
  expect(tracing.logged).toEqual([
    expect.stringMatching(
      /^warn: otel-xray: capture\("alone"\) outside a trace: .*test\.ts:\d+\)$/,
    ),
  ]);
});

test('the warning about a captured function has the line of its caller', () => {
  const work = captured('wrapped')(() => 5);
  expect(work()).toBe(5);
  expect(tracing.logged).toEqual([
    expect.stringMatching(
      /^warn: otel-xray: capture\("wrapped"\) outside a trace: .*context\.test\.ts:\d+\)$/,
    ),
  ]);
});

test('RUNTIME_ERROR throws to the caller before the work starts', () => {
  setContextMissing('RUNTIME_ERROR');
  const calls: string[] = [];
  for (const { name, call } of HELPERS)
    expect(call).toThrow(`otel-xray: ${name}() outside a trace`);
  expect(() => capture('work', () => calls.push('work'))).toThrow(
    'capture("work") outside a trace',
  );
  expect(() => openSpan('work')).toThrow('openSpan("work") outside a trace');
  expect(calls).toEqual([]);
});

test('RUNTIME_ERROR does not affect calls inside a trace', () => {
  setContextMissing('RUNTIME_ERROR');
  traceTask('work', () => {
    for (const { call } of HELPERS) call();
    capture('inner', () => {});
  });
  expect(tracing.spans().map(({ name }) => name)).toEqual(['inner', 'work']);
});

test('IGNORE_ERROR logs nothing', () => {
  setContextMissing('IGNORE_ERROR');
  for (const { call } of HELPERS) call();
  capture('work', () => {});
  expect(tracing.logged).toEqual([]);
});

test('an unsampled trace is not a mistake: nothing is recorded or logged', () => {
  decision = 'off';
  traceTask('work', () => {
    for (const { call } of HELPERS) call();
    capture('inner', () => {});
  });
  expect(tracing.spans()).toEqual([]);
  expect(tracing.logged).toEqual([]);
});

test('a span that has ended logs a warning', () => {
  const ended = traceTask('work', (span) => span);
  addAnnotation('a', 1, ended);
  expect(tracing.logged).toEqual([
    expect.stringContaining('addAnnotation() on a span that has ended: nothing is recorded'),
  ]);
});

test('the span of a caller in another process logs a warning', () => {
  const remote = trace.setSpanContext(context.active(), {
    traceId: '581cf771a006649127e371903a2de979',
    spanId: '70de5b6f19ff9a0a',
    traceFlags: 1,
    isRemote: true,
  });
  context.with(remote, () => addAnnotation('a', 1));
  expect(tracing.logged).toEqual([
    expect.stringContaining('addAnnotation() outside a span of this process'),
  ]);
});

test('the trace id has the form of X-Ray, inside and outside a trace, sampled or not', () => {
  expect([xrayTraceId(), isSampled()]).toEqual([undefined, false]);
  const sampled = traceTask('work', (span) => [
    span.spanContext().traceId,
    xrayTraceId(),
    isSampled(),
  ]);
  expect(sampled[1]).toMatch(/^1-[0-9a-f]{8}-[0-9a-f]{24}$/);
  expect(String(sampled[1]).slice(2).replace('-', '')).toBe(sampled[0]);
  expect(sampled[2]).toBe(true);
  decision = 'off';
  const unsampled = traceTask('work', () => [xrayTraceId(), isSampled()]);
  expect(unsampled).toEqual([expect.stringMatching(/^1-[0-9a-f]{8}-[0-9a-f]{24}$/), false]);
  expect(tracing.logged).toEqual([]);
});
