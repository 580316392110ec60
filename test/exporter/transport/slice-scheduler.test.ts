import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import {
  createSliceScheduler,
  type SliceSchedulerOptions,
} from '../../../src/exporter/transport/slice-scheduler.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A scheduler that notes when its slices run. */
function noted(options: Partial<SliceSchedulerOptions> = {}) {
  const startMs = Date.now();
  const slices: number[] = [];
  const scheduler = createSliceScheduler({
    run: () => slices.push(Date.now() - startMs),
    hasBurst: () => false,
    isAwaited: () => false,
    onTaskEnd: false,
    ...options,
  });
  return { scheduler, slices };
}

test('one slice serves all requests that end within 100 ms', () => {
  const { scheduler, slices } = noted();
  for (let request = 0; request < 10; request += 1) {
    scheduler.soon();
    vi.advanceTimersByTime(20);
  }
  expect(slices).toEqual([100, 200]);
});

test('a slice runs in the next turn when many spans wait', () => {
  let hasBurst = false;
  const { scheduler, slices } = noted({ hasBurst: () => hasBurst });
  scheduler.soon();
  vi.advanceTimersByTime(3);
  hasBurst = true;
  scheduler.soon();
  vi.advanceTimersByTime(0);
  expect(slices).toEqual([3]);
});

test('many spans that arrive together wait for 4 ms', () => {
  const { scheduler, slices } = noted({ hasBurst: () => true });
  scheduler.soon();
  vi.advanceTimersByTime(25);
  expect(slices).toEqual([4]);
});

test('a caller that awaits the result waits for 4 ms, however many others follow', () => {
  const { scheduler, slices } = noted();
  scheduler.soon();
  for (let call = 0; call < 8; call += 1) {
    scheduler.awaited();
    vi.advanceTimersByTime(1);
  }
  expect(slices).toEqual([4]);
});

test('a flush does not shorten the wait for the rate limiter', () => {
  const { scheduler, slices } = noted();
  scheduler.later(50);
  scheduler.awaited();
  scheduler.soon();
  vi.advanceTimersByTime(100);
  expect(slices).toEqual([50]);
});
