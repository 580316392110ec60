import { expect, test } from 'vitest';
import { startOnClock } from '../src/span-clock.ts';

const parent = {
  startTime: [1_800_000_000, 250_000_000],
  _performanceStartTime: 1000.5,
  _startTimeProvided: false,
} as const;
const START = 1_800_000_000_250;

test.each([
  ['a span without a parent starts at the time of the system', undefined, 1003, START + 9],
  [
    'a child starts as long after its parent as the monotonic clock says',
    parent,
    1003,
    START + 2.5,
  ],
  ['also where the clock of the system has whole milliseconds', parent, 1000.75, START + 0.25],
  [
    'a parent with a given start has no clock',
    { ...parent, _startTimeProvided: true },
    1003,
    START + 9,
  ],
])('%s', (_what, span, performanceNow, start) => {
  expect(startOnClock(span, performanceNow, START + 9)).toBe(start);
});

test.each([
  ['set back', START - 3_600_000],
  ['set forward', START + 3_600_000],
])('a child starts at the time of the system if that was %s', (_what, now) => {
  expect(startOnClock(parent, 1003, now)).toBe(now);
});
