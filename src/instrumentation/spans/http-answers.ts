import type { Span } from '@opentelemetry/api';
import { createOpenList, type OpenEntry } from '../../open-list.ts';
import { performance } from '../../real-time.ts';

/** A call whose response has begun and not ended. */
export interface AnsweredCall extends OpenEntry {
  readonly span: Span;
  /** By our clock (`real-time.ts`). */
  readonly answeredMs: number;
  /** Whether the app does not read the body. */
  readonly isUnread: () => boolean;
}

/** The time after which a call with an unread response is ended. */
const UNREAD_MS = 10_000;

/** What is read of a socket. */
export interface SocketState {
  readonly bytesRead: number;
  readonly readableLength: number;
}

/**
 * Returns a function that tells whether a response is not read any more: data waits, and nothing has
 * arrived since the last call. While the server sends nothing, no data waits.
 *
 * @param waiting where data waits: the socket, or the response itself
 */
export function stallCheck(
  socket: Pick<SocketState, 'bytesRead'> | undefined | null,
  waiting: Pick<SocketState, 'readableLength'> | undefined | null = undefined,
): () => boolean {
  if (!socket) return () => false;
  let { bytesRead } = socket;
  return () => {
    const { readableLength } = waiting ?? (socket as SocketState);
    const isStalled = readableLength > 0 && socket.bytesRead === bytesRead;
    bytesRead = socket.bytesRead;
    return isStalled;
  };
}

const calls = createOpenList<AnsweredCall>();
let timer: NodeJS.Timeout | undefined;

/**
 * Tracks a call whose response has begun.
 *
 * The instrumentations end a span at the end of the response body. An unread body never ends, and
 * the call would be missing from the trace. It is ended here, with the time of the response
 * headers.
 *
 * @returns stops tracking; to be called when the instrumentation has ended the span
 */
export function answered(span: Span, isUnread: () => boolean): () => void {
  const call: AnsweredCall = {
    span,
    answeredMs: performance.now(),
    isUnread,
    older: undefined,
    newer: undefined,
  };
  calls.add(call);
  timer ??= setInterval(endUnread, UNREAD_MS / 2).unref();
  return () => calls.remove(call);
}

function endUnread(): void {
  const before = performance.now() - UNREAD_MS;
  for (const call of calls.all()) if (call.answeredMs <= before && call.isUnread()) end(call);
  if (calls.size > 0) return;
  clearInterval(timer);
  timer = undefined;
}

/** Ends all calls whose response has begun; called at the end of the process. */
export function endAnsweredCalls(): void {
  for (const call of calls.all()) end(call);
}

function end(call: AnsweredCall): void {
  calls.remove(call);
  // At the end of the process, within an `end` or `close` listener of the app.
  if (!call.span.isRecording()) return;
  call.span.setAttribute('http.response.incomplete', true);
  const agoMs = performance.now() - call.answeredMs;
  // The SDK takes times of Node's clock.
  endForGood(call.span, call.isUnread() ? performance.nodeNow() - agoMs : undefined);
}

/** Ends a span. The instrumentation may end it again later, which the SDK would otherwise log. */
export function endForGood(span: Span, endMs?: number): void {
  span.end(endMs);
  const same = (): Span => span;
  Object.assign(span, {
    ...{ setAttribute: same, setAttributes: same, setStatus: same, recordException() {}, end() {} },
  });
}
