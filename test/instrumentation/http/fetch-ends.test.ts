import { channel } from 'node:diagnostics_channel';
import type { Span } from '@opentelemetry/api';
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { watchFetches } from '../../../src/instrumentation/http/fetch-ends.ts';
import { endAnsweredCalls } from '../../../src/instrumentation/spans/http-answers.ts';

// Both clocks are the fake one.
vi.mock(import('../../../src/real-time.ts'), async (original) => {
  const now = (): number => performance.now();
  const real = await original();
  return { ...real, performance: { ...real.performance, now, nodeNow: now } };
});

interface Hooks {
  requestHook(span: Span, request: object): void;
  responseHook(span: Span, info: object): void;
}

let hooks: Hooks;

beforeAll(() => {
  hooks = watchFetches() as Hooks;
});
beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  endAnsweredCalls();
  vi.useRealTimers();
});

const publish = (name: string, message: object): void => channel(`undici:${name}`).publish(message);

/** A call whose response has begun, and the times of its end. */
function begin(
  socket: { bytesRead: number; readableLength: number },
  statuses: readonly number[] = [200],
) {
  const ends: (number | undefined)[] = [];
  const span = {
    isRecording: () => true,
    setAttribute: () => span,
    end: (ms?: number) => void ends.push(ms),
  };
  const request = { method: 'GET' };
  hooks.requestHook(span as never, request);
  publish('client:sendHeaders', { request, socket });
  for (const statusCode of statuses) {
    hooks.responseHook(span as never, { request, response: { statusCode, headers: [] } });
  }
  return { request, span, ends };
}

test('a response whose data stays in the socket is unread: the call ends with its head', () => {
  const headMs = performance.now();
  const { ends } = begin({ bytesRead: 65_536, readableLength: 65_536 });
  vi.advanceTimersByTime(15_000);
  expect(ends).toEqual([headMs]);
});

test.for([
  { what: 'a server that sends nothing', socket: { bytesRead: 100, readableLength: 0 }, more: 0 },
  { what: 'a slow reader', socket: { bytesRead: 100, readableLength: 50 }, more: 10 },
])('$what: the call stays open', ({ socket, more }) => {
  const { ends } = begin(socket);
  for (let seconds = 0; seconds < 60; seconds += 1) {
    socket.bytesRead += more;
    vi.advanceTimersByTime(1_000);
  }
  expect(ends).toEqual([]);
});

test('an interim response, such as early hints, is not the response', () => {
  const { request, span, ends } = begin({ bytesRead: 1, readableLength: 1 }, [103, 102, 200]);
  publish('request:trailers', { request });
  span.end();
  endAnsweredCalls();
  expect(ends).toEqual([undefined]);
});

test('the end of the body belongs to the instrumentation', () => {
  const { request, ends } = begin({ bytesRead: 1, readableLength: 1 });
  publish('request:trailers', { request });
  vi.advanceTimersByTime(60_000);
  expect(ends).toEqual([]);
});

/** A failed call: what the hook adds to its span before the instrumentation ends it. */
function failed(error: unknown): readonly (readonly [string, ...unknown[]])[] {
  const calls: (readonly [string, ...unknown[]])[] = [];
  const note =
    (name: string) =>
    (...args: readonly unknown[]) =>
      void calls.push([name, ...args]);
  const span = Object.fromEntries(
    ['setAttribute', 'recordException', 'setStatus', 'end'].map((name) => [name, note(name)]),
  );
  const request = { method: 'GET' };
  hooks.requestHook(span as never, request);
  publish('request:error', { request, error });
  // The instrumentation follows.
  const { recordException, setStatus } = span as unknown as Span;
  recordException('by the instrumentation');
  setStatus({ code: 2 });
  (span as unknown as Span).end();
  return calls;
}

const UPSTREAM = [
  ['recordException', 'by the instrumentation'],
  ['setStatus', { code: 2 }],
  ['end'],
] as const;
const aborted = (message: string): Error =>
  Object.assign(new Error(message), { name: 'AbortError' });

test('a response that is collected as garbage was not read: no failure', () => {
  const calls = failed('Response object has been garbage collected');
  expect(calls).toEqual([
    ['setAttribute', 'http.response.incomplete', true],
    ['end', undefined],
  ]);
});

test('a request that the app aborts has the exception, but no status of ours', () => {
  const error = aborted('This operation was aborted');
  expect(failed(error)).toEqual([['recordException', error], ...UPSTREAM]);
});

test('a proxy that refuses the tunnel is a failure, although its error is an AbortError', () => {
  const error = aborted('Proxy response (407) !== 200 when HTTP Tunneling');
  expect(failed(error)).toEqual([
    ['recordException', error],
    ['setStatus', { code: 2, message: error.message }],
    ...UPSTREAM,
  ]);
});
