import type { Span } from '@opentelemetry/api';

/** A call that has got the head of its answer and not the end. */
export interface AnsweredCall {
  readonly span: Span;
  /** By `performance.now()`. */
  readonly answeredMs: number;
  /** Whether nobody reads the body. */
  readonly isUnread: () => boolean;
}

/** The longest time that a call with an unread answer stays open. */
const UNREAD_MS = 10_000;

const calls = new Set<AnsweredCall>();
let timer: NodeJS.Timeout | undefined;

/**
 * Remembers a call whose answer has begun.
 *
 * The instrumentations end a span with the body of the answer. A body that nobody reads does not
 * end: the connection waits, and the call would be missing from the trace. It ends here, at the head
 * of its answer.
 *
 * @returns forgets it, when the instrumentation has ended the span
 */
export function answered(span: Span, isUnread: () => boolean): () => void {
  const call: AnsweredCall = { span, answeredMs: performance.now(), isUnread };
  calls.add(call);
  timer ??= setInterval(endUnread, UNREAD_MS / 2).unref();
  return () => void calls.delete(call);
}

function endUnread(): void {
  const before = performance.now() - UNREAD_MS;
  for (const call of calls) if (call.answeredMs <= before && call.isUnread()) end(call);
  if (calls.size > 0) return;
  clearInterval(timer);
  timer = undefined;
}

/** Ends all calls whose answer has begun, because the process ends. */
export function endAnsweredCalls(): void {
  for (const call of calls) end(call);
}

function end(call: AnsweredCall): void {
  calls.delete(call);
  call.span.setAttribute('http.response.incomplete', true);
  endForGood(call.span, call.isUnread() ? call.answeredMs : undefined);
}

/** Ends a span that the instrumentation will try to end again, which the SDK would log. */
export function endForGood(span: Span, endMs?: number): void {
  span.end(endMs);
  const same = (): Span => span;
  Object.assign(span, {
    ...{ setAttribute: same, setAttributes: same, setStatus: same, recordException() {}, end() {} },
  });
}
