import { type Span, SpanStatusCode } from '@opentelemetry/api';
import { recordError } from '../api/errors.ts';
import { attempt } from './guard.ts';
import { endForGood } from './http-answers.ts';

/** The innermost span whose handler is being left by an error. */
let thrower: Span | undefined;

/**
 * Records the error that the handler of a span has just thrown, if nothing catches it. Call it in a
 * `finally` block: a `catch` that throws the error again would change what Node prints.
 *
 * The span ends if the process ends. Otherwise the app listens to `'uncaughtException'` and may
 * still send a response.
 */
export function endAsUncaught(span: Span | undefined): void {
  if (span === undefined || thrower !== undefined) return;
  thrower = span;
  process.prependListener('uncaughtExceptionMonitor', onUncaught);
  queueMicrotask(forget);
}

function forget(): void {
  thrower = undefined;
  process.removeListener('uncaughtExceptionMonitor', onUncaught);
}

function onUncaught(error: unknown): void {
  const span = thrower;
  forget();
  attempt('http', () => {
    if (span === undefined || !span.isRecording()) return;
    recordError(span, error);
    if (process.listenerCount('uncaughtException') > 0) return;
    span.setStatus({ code: SpanStatusCode.ERROR });
    endForGood(span);
  });
}
