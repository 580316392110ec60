import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { atDeadline } from '../../src/lambda/deadline.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Starts watches at these times in milliseconds, each with a delay, and some ended early; returns when each ran. */
function ranAt(
  watches: readonly {
    readonly startMs: number;
    readonly delayMs: number;
    readonly endMs?: number;
  }[],
): readonly (number | undefined)[] {
  const zeroMs = performance.now();
  const ran: (number | undefined)[] = watches.map(() => undefined);
  for (const [index, { startMs, delayMs, endMs }] of watches.entries()) {
    setTimeout(() => {
      const end = atDeadline(delayMs, () => {
        ran[index] = Math.round(performance.now() - zeroMs);
      });
      if (endMs !== undefined) setTimeout(end, endMs - startMs);
    }, startMs);
  }
  vi.advanceTimersByTime(10_000);
  return ran;
}

test.for([
  { rule: 'runs at its deadline', watches: [{ startMs: 0, delayMs: 50 }], ran: [50] },
  {
    rule: 'does not run if it ends before',
    watches: [{ startMs: 0, delayMs: 50, endMs: 49 }],
    ran: [undefined],
  },
  {
    rule: 'runs each of several at its own deadline, whatever their order',
    watches: [
      { startMs: 0, delayMs: 500 },
      { startMs: 10, delayMs: 90 },
      { startMs: 20, delayMs: 280 },
    ],
    ran: [500, 100, 300],
  },
  {
    rule: 'runs two with the same deadline',
    watches: [
      { startMs: 0, delayMs: 100 },
      { startMs: 40, delayMs: 60 },
    ],
    ran: [100, 100],
  },
  {
    rule: 'runs a later one after an earlier one has ended, whose timer is still set',
    watches: [
      { startMs: 0, delayMs: 100, endMs: 5 },
      { startMs: 50, delayMs: 100 },
      { startMs: 200, delayMs: 100 },
    ],
    ran: [undefined, 150, 300],
  },
  {
    rule: 'runs an earlier one although the timer of a later one is set',
    watches: [
      { startMs: 0, delayMs: 1_000, endMs: 900 },
      { startMs: 1, delayMs: 9 },
    ],
    ran: [undefined, 10],
  },
])('the watch of a deadline $rule', ({ watches, ran }) => {
  expect(ranAt(watches)).toEqual(ran);
});

test('the watch of a deadline runs once, and then leaves no timer', () => {
  let runs = 0;
  atDeadline(10, () => {
    runs += 1;
  });
  vi.advanceTimersByTime(1_000);
  expect([runs, vi.getTimerCount()]).toEqual([1, 0]);
});
