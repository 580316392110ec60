import { channel } from 'node:diagnostics_channel';
import type { Span } from '@opentelemetry/api';
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { watchFetches } from '../../src/instrumentation/fetch-ends.ts';
import { endAnsweredCalls } from '../../src/instrumentation/http-answers.ts';

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
