import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  currentTimeOf,
  endAfterGivenStart,
  endOnClock,
  hrTimeOf,
  startOnClock,
} from '../src/span-clock.ts';

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
  expect(startOnClock(span, performanceNow, () => START + 9)).toBe(start);
});

test.each([
  ['set back', START - 3_600_000],
  ['set forward', START + 3_600_000],
])('a child starts at the time of the system if that was %s', (_what, now) => {
  expect(startOnClock(parent, 1020.5, () => now)).toBe(now);
});

test.each([
  ['not read', 'less than 20 ms', 1020.4, 0],
  ['read', '20 ms', 1020.5, 1],
])('the clock of the system is %s if the parent started %s ago', (_what, _ago, now, expected) => {
  let reads = 0;
  startOnClock(parent, now, () => {
    reads += 1;
    return START;
  });
  expect(reads).toBe(expected);
});

/** Milliseconds with parts down to nanoseconds, as far as a double has them. */
const milliseconds = fc
  .tuple(fc.integer({ min: 0, max: 2 ** 41 }), fc.integer({ min: 0, max: 999_999 }))
  .map(([whole, millionths]) => whole + millionths / 1e6);

test('law: milliseconds become the same seconds and nanoseconds as by a remainder', () => {
  fc.assert(
    fc.property(milliseconds, (ms) => {
      expect(hrTimeOf(ms)).toEqual([Math.trunc(ms / 1e3), Math.round((ms % 1e3) * 1e6)]);
    }),
  );
});

test.each<[string, number, readonly [number, number]]>([
  ['within the second', 1_250.5, [1_800_000_000, 500_000_000]],
  ['in the next second', 2_000.5, [1_800_000_001, 250_000_000]],
  ['at the start of a second', 1_750.5, [1_800_000_001, 0]],
  ['after some seconds', 4_100.5, [1_800_000_003, 350_000_000]],
  ['at once', 1_000.5, [1_800_000_000, 250_000_000]],
])('a span that ends %s', (_when, now, end) => {
  expect(endOnClock(parent, now)).toEqual(end);
});

test.each<[string, number, readonly [number, number]]>([
  ['later', START + 5, [1_800_000_000, 255_000_000]],
  ['at once', START, [1_800_000_000, 250_000_000]],
  [
    'while the system clock still has the millisecond before',
    START - 1,
    [1_800_000_000, 252_500_000],
  ],
  ['on a system clock that is 19 ms behind', START - 19, [1_800_000_000, 252_500_000]],
  [
    '20 ms before its start, which is an error of the app',
    START - 20,
    [1_800_000_000, 230_000_000],
  ],
])('a span with a given start that ends %s', (_when, now, end) => {
  expect(endAfterGivenStart({ ...parent, _startTimeProvided: true }, 1003, now)).toEqual(end);
});

const HOUR_MS = 3_600_000;

test.each([
  ['starts now', {}],
  ['started an hour ago, as the app says', { startTime: Date.now() - HOUR_MS }],
])('a span that %s can end as of an earlier time', (_when, options) => {
  const span = new BasicTracerProvider().getTracer('test').startSpan('span', options);
  span.end(currentTimeOf(span));
  const { endTime } = span as unknown as { readonly endTime: [number, number] };
  const agoMs = Date.now() - (endTime[0] * 1000 + endTime[1] / 1e6);
  expect(agoMs).toBeGreaterThan(-HOUR_MS / 2);
  expect(agoMs).toBeLessThan(HOUR_MS / 2);
});
