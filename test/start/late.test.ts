import { DiagLogLevel, diag } from '@opentelemetry/api';
import { expect, test } from 'vitest';
import { latePath } from '../../src/start/late-path.ts';
import type { XRayPath } from '../../src/start/xray-path.ts';

/** A path that notes what is asked of it. */
function notingPath(): { readonly asked: string[]; readonly make: () => XRayPath } {
  const asked: string[] = [];
  const note = (name: string) => (): void => void asked.push(name);
  const later = (name: string) => (): Promise<void> => Promise.resolve(note(name)());
  const make = (): XRayPath => {
    asked.push('made');
    return {
      exporter: {
        sendInProgress: note('sendInProgress'),
        sayCounters: note('sayCounters'),
      },
      processor: {
        onStart: note('onStart'),
        onEnd: note('onEnd'),
        forceFlush: later('forceFlush'),
        shutdown: later('shutdown'),
        flushSync: note('flushSync'),
        flushAtLast: note('flushAtLast'),
        counters: () => undefined,
      },
    };
  };
  return { asked, make };
}

type Processor = ReturnType<typeof latePath>['processor'];
const start = (processor: Processor): void => processor.onStart({} as never, {} as never);
const end = (processor: Processor): void => processor.onEnd({} as never);

test.for<{ rule: string; steps: readonly ((processor: Processor) => unknown)[]; asked: string[] }>([
  {
    rule: 'without a span nothing is made, and a flush has nothing to do',
    steps: [(p) => p.forceFlush(), (p) => p.flushSync(), (p) => p.flushAtLast?.()],
    asked: [],
  },
  {
    rule: 'the first span makes it, once',
    steps: [start, end, start, end, (p) => p.flushSync()],
    asked: ['made', 'onStart', 'onEnd', 'onStart', 'onEnd', 'flushSync'],
  },
  {
    rule: 'a first span after the last flush is sent at its end',
    steps: [(p) => p.flushAtLast?.(), start, end],
    asked: ['made', 'flushAtLast', 'onStart', 'onEnd'],
  },
  {
    rule: 'a span after the shutdown finds it shut',
    steps: [(p) => p.shutdown(), start, end],
    asked: ['made', 'shutdown', 'onStart', 'onEnd'],
  },
])('the way to the daemon: $rule', async ({ steps, asked }) => {
  const path = notingPath();
  const { processor } = latePath(path.make);
  for (const step of steps) await step(processor);
  expect(path.asked).toEqual(asked);
});

test('one that cannot be made is said once, and the app does not feel it', () => {
  const said: unknown[] = [];
  const silent = { warn() {}, info() {}, debug() {}, verbose() {} };
  const error = (...words: unknown[]): void => void said.push(words.map(String).join(' '));
  diag.setLogger(
    { ...silent, error },
    { logLevel: DiagLogLevel.ERROR, suppressOverrideMessage: true },
  );
  const { processor, get } = latePath(() => {
    throw new Error('no such file');
  });
  start(processor);
  end(processor);
  diag.disable();
  expect(said).toEqual(['otel-xray: nothing is traced: Error: no such file']);
  expect(get().processor.counters()).toBeUndefined();
});
