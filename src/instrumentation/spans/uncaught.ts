import { context, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { getRPCMetadata } from '@opentelemetry/core';
import { recordHandledError } from '../../api/errors.ts';
import { localRootOf } from '../../api/local-root.ts';
import { attempt } from '../wrap/guard.ts';
import { endForGood } from './http-answers.ts';
import { isRecorded, noteRecorded } from './request-errors.ts';

/** The innermost span whose handler is being left by an error. */
let thrower: Span | undefined;

/**
 * Notes that the handler of a span has just thrown, which ends its context before Node reports the error.
 * Call it in a `finally` block: a `catch` that throws the error again would change what Node prints.
 */
export function noteThrower(span: Span | undefined): void {
  if (span === undefined || thrower !== undefined) return;
  thrower = span;
  queueMicrotask(forget);
}

function forget(): void {
  thrower = undefined;
}

/** What knows the spans that have not ended. */
export interface OpenRequests {
  /** Returns the spans of the request of a span that have not ended, oldest first. */
  openSpansOf(span: Span): readonly Span[];
  sendInProgress(spans: readonly Span[]): void;
}

/** The most requests that are remembered as left by an error to which the app listens. */
const MAX_LEFT = 100;

/** First spans of requests that were left by an error to which the app listens. */
let left: Span[] = [];

export interface UncaughtErrors {
  /** Ends the requests that an uncaught error has left. Call it when the process ends. */
  endLeft(): void;
  /** Stops watching. */
  stop(): void;
}

/**
 * Records an error that nothing catches on the segment of the request that was active, and ends its spans
 * if the error ends the process. If the app listens to `'uncaughtException'`, it may still send a
 * response.
 */
export function watchUncaught(requests: OpenRequests): UncaughtErrors {
  const onUncaught = (error: unknown): void =>
    void attempt('http', () => recordUncaught(error, requests));
  process.on('uncaughtExceptionMonitor', onUncaught);
  return {
    endLeft() {
      for (const span of left.splice(0)) if (span.isRecording()) endRequest(span, requests);
    },
    stop: () => void process.removeListener('uncaughtExceptionMonitor', onUncaught),
  };
}

function recordUncaught(error: unknown, requests: OpenRequests): void {
  const active = thrower ?? trace.getActiveSpan();
  forget();
  if (active === undefined) return;
  const first = localRootOf(active);
  if (!first.isRecording()) return;
  if (!isRecorded(first, error)) {
    recordHandledError(first, error);
    noteRecorded(first, error);
  }
  const metadata = getRPCMetadata(context.active());
  if (metadata?.span === first && metadata.route) first.setAttribute('http.route', metadata.route);
  if (!isHandledByApp()) endRequest(first, requests);
  else left = [...left.filter((span) => span.isRecording()).slice(1 - MAX_LEFT), first];
}

/** Returns whether the process goes on after an error that nothing catches. */
function isHandledByApp(): boolean {
  return (
    process.listenerCount('uncaughtException') > 0 || process.hasUncaughtExceptionCaptureCallback()
  );
}

/** Ends the spans of a request that will have no response. Its calls to other services stay in progress. */
function endRequest(first: Span, { openSpansOf, sendInProgress }: OpenRequests): void {
  const inner = openSpansOf(first).filter((span) => span !== first);
  sendInProgress(inner.filter(isCall));
  for (const span of inner.reverse()) if (!isCall(span)) endForGood(span);
  first.setStatus({ code: SpanStatusCode.ERROR });
  endForGood(first);
}

function isCall(span: Span): boolean {
  return (span as { readonly kind?: SpanKind }).kind === SpanKind.CLIENT;
}
