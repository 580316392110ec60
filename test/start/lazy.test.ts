import { DiagLogLevel, diag } from '@opentelemetry/api';
import { expect, test } from 'vitest';
import { lazyPipeline } from '../../src/start/lazy-pipeline.ts';
import type { XRayPipeline } from '../../src/start/xray-pipeline.ts';

/** A pipeline that records its calls. */
function recordingPipeline(): { readonly calls: string[]; readonly make: () => XRayPipeline } {
  const calls: string[] = [];
  const note = (name: string) => (): void => void calls.push(name);
  const later = (name: string) => (): Promise<void> => Promise.resolve(note(name)());
  const make = (): XRayPipeline => {
    calls.push('made');
    return {
      exporter: {
        sendInProgress: note('sendInProgress'),
        logCounters: note('logCounters'),
      },
      processor: {
        onStart: note('onStart'),
        onEnd: note('onEnd'),
        forceFlush: later('forceFlush'),
        shutdown: later('shutdown'),
        flushSync: note('flushSync'),
        exportUnsampled: () => {},
        finalFlush: note('finalFlush'),
        counters: () => undefined,
        sendOpen: () => {},
        openSpansOf: () => [],
      },
      warmUp: note('warmUp'),
    };
  };
  return { calls, make };
}

type Processor = ReturnType<typeof lazyPipeline>['processor'];
const start = (processor: Processor): void => processor.onStart({} as never, {} as never);
const waiting: (() => void)[] = [];
const nextTurn = (): void => {
  for (const work of waiting.splice(0)) work();
};
const end = (processor: Processor): void => processor.onEnd({} as never);

test.for<{ rule: string; steps: readonly ((processor: Processor) => unknown)[]; calls: string[] }>([
  {
    rule: 'without a span, no pipeline is created, and a flush does nothing',
    steps: [(p) => p.forceFlush(), (p) => p.flushSync(), (p) => p.finalFlush?.()],
    calls: [],
  },
  {
    rule: 'a started span does not create the pipeline immediately',
    steps: [start, (p) => p.flushSync()],
    calls: [],
  },
  {
    rule: 'the pipeline is created in a later turn and receives the span',
    steps: [start, nextTurn, end],
    calls: ['made', 'onStart', 'onEnd'],
  },
  {
    rule: 'the first ended span creates the pipeline once',
    steps: [start, end, nextTurn, start, end, (p) => p.flushSync()],
    calls: ['made', 'onStart', 'onEnd', 'onStart', 'onEnd', 'flushSync'],
  },
  {
    rule: 'a first span after the last flush is sent at its end',
    steps: [(p) => p.finalFlush?.(), start, end],
    calls: ['made', 'onStart', 'finalFlush', 'onEnd'],
  },
  {
    rule: 'a span after the shutdown is not exported',
    steps: [(p) => p.shutdown(), start, end],
    calls: ['made', 'shutdown', 'onStart', 'onEnd'],
  },
])('pipeline: $rule', async ({ steps, calls }) => {
  const path = recordingPipeline();
  const { processor } = lazyPipeline(path.make, ({ get }) => waiting.push(get));
  for (const step of steps) await step(processor);
  waiting.length = 0;
  expect(path.calls).toEqual(calls);
});

test('a pipeline that cannot be created is reported once and does not affect the application', () => {
  const logged: unknown[] = [];
  const silent = { warn() {}, info() {}, debug() {}, verbose() {} };
  const error = (...words: unknown[]): void => void logged.push(words.map(String).join(' '));
  diag.setLogger(
    { ...silent, error },
    { logLevel: DiagLogLevel.ERROR, suppressOverrideMessage: true },
  );
  const { processor, get } = lazyPipeline(
    () => {
      throw new Error('no such file');
    },
    () => {},
  );
  start(processor);
  end(processor);
  diag.disable();
  expect(logged).toEqual(['otel-xray: nothing is traced: Error: no such file']);
  expect(get().processor.counters()).toBeUndefined();
});
