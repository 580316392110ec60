import type { Span } from '@opentelemetry/api';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { answered, endAnsweredCalls } from '../../../src/instrumentation/spans/http-answers.ts';

// Both clocks are the fake one.
vi.mock(import('../../../src/real-time.ts'), async (original) => {
  const now = (): number => performance.now();
  const real = await original();
  return { ...real, performance: { ...real.performance, now, nodeNow: now } };
});

/** A span that records when it ended, as the SDK's does: a number of milliseconds, or now. */
function recording() {
  const ends: (number | undefined)[] = [];
  const attributes: Record<string, unknown> = {};
  const span = {
    setAttribute(name: string, value: unknown) {
      attributes[name] = value;
      return span;
    },
    end: (ms?: number) => void ends.push(ms),
    isRecording: () => ends.length === 0,
  };
  return { span: span as unknown as Span, ends, attributes };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  endAnsweredCalls();
  vi.useRealTimers();
});

test('a call with an unread answer ends at its head, after ten seconds', () => {
  const { span, ends, attributes } = recording();
  vi.advanceTimersByTime(5);
  const headMs = performance.now();
  answered(span, () => true);
  vi.advanceTimersByTime(9_000);
  expect(ends).toEqual([]);
  vi.advanceTimersByTime(6_000);
  expect(ends).toEqual([headMs]);
  expect(attributes).toEqual({ 'http.response.incomplete': true });
});

test('what the instrumentation does to the span afterwards has no effect', () => {
  const { span, ends, attributes } = recording();
  answered(span, () => true);
  endAnsweredCalls();
  span.setAttribute('a', 1).setStatus({ code: 2 }).setAttributes({}).end();
  span.recordException('x');
  expect(ends).toHaveLength(1);
  expect(attributes).toEqual({ 'http.response.incomplete': true });
});

test('a call whose answer is read stays open until the process ends, and ends then', () => {
  const { span, ends } = recording();
  answered(span, () => false);
  vi.advanceTimersByTime(600_000);
  expect(ends).toEqual([]);
  endAnsweredCalls();
  expect(ends).toEqual([undefined]);
});

test('a call that has just ended when the process ends is left alone', () => {
  const { span, ends, attributes } = recording();
  answered(span, () => false);
  span.end(5);
  endAnsweredCalls();
  expect({ ends, attributes }).toEqual({ ends: [5], attributes: {} });
});

test('a call that is forgotten is left alone, and no timer stays', () => {
  const { span, ends } = recording();
  answered(span, () => true)();
  vi.advanceTimersByTime(60_000);
  endAnsweredCalls();
  expect(ends).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
});
