import { type Exception, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { onStart, type StartedSpan, type StartProcessor } from '../../start-processor.ts';
import { HANDLER_STATUS } from '../../translator/context/handler-status.ts';
import { attempt } from '../wrap/guard.ts';
import { isAbort, isQuoting } from './model-error-kinds.ts';

/** A span of the SDK, with what it has recorded. */
interface RecordedSpan extends StartedSpan {
  readonly status?: { readonly code: SpanStatusCode };
  readonly events?: readonly {
    readonly name: string;
    readonly attributes?: StartedSpan['attributes'];
  }[];
}

/** A span of such a library → the last one that was started directly below it. */
const lastBelow = new WeakMap<Span, RecordedSpan>();

/**
 * Returns a span processor that completes the errors on spans which clients of models create
 * themselves: the AI SDK up to version 6, and Anthropic's client.
 */
export function librarySpans(): StartProcessor {
  return onStart((span, parentContext) => {
    const complete = completionOf(span);
    complete?.(span);
    if (complete === undefined && span.kind !== SpanKind.CLIENT) return;
    const around = trace.getSpan(parentContext) as StartedSpan | undefined;
    if (around !== undefined && completionOf(around) !== undefined) lastBelow.set(around, span);
  });
}

/**
 * Returns what completes the spans that a library creates itself, by the name of their scope. Every span asks
 * twice, and a comparison takes less than a lookup.
 */
function completionOf({
  instrumentationScope,
}: StartedSpan): ((span: RecordedSpan) => void) | undefined {
  switch (instrumentationScope?.name) {
    case 'ai':
      return completeAiSdk;
    case 'com.anthropic.sdk.typescript':
      return completeAnthropic;
    default:
      return undefined;
  }
}

/**
 * The AI SDK records any error as a failure, with its message. Here a call that the app aborted has not
 * failed, an answer of 400 to 499 is no fault, and a message that quotes an answer is left out.
 */
function completeAiSdk(span: RecordedSpan): void {
  const { recordException, setStatus } = span;
  let last: Exception | undefined;
  span.recordException = function (this: RecordedSpan, exception, time) {
    last = exception;
    if (holds(isQuoting, exception))
      this.setAttribute('error.type', String(Object(exception).name));
    else recordException.call(this, exception, time);
  };
  span.setStatus = function (this: RecordedSpan, status) {
    if (status.code !== SpanStatusCode.ERROR) return setStatus.call(this, status);
    if (holds(isAbort, last)) return this;
    const answered = statusBelow(this);
    if (answered !== undefined && answered >= 400) this.setAttribute(HANDLER_STATUS, answered);
    return setStatus.call(this, holds(isQuoting, last) ? { code: status.code } : status);
  };
}

/** Checks an error of the app, whose properties may not be readable. */
function holds(check: (error: unknown) => boolean, error: unknown): boolean {
  return attempt('ai', () => check(error)) === true;
}

/** Returns the HTTP status of the last request below a span; `undefined` if its last step made none. */
function statusBelow(span: Span): number | undefined {
  const below = lastBelow.get(span);
  if (below === undefined) return undefined;
  const status = below.attributes['http.response.status_code'];
  return typeof status === 'number' ? status : statusBelow(below);
}

/** Anthropic's client records nothing of a call that the app aborts; the request below it has the error. */
function completeAnthropic(span: RecordedSpan): void {
  const { end } = span;
  span.end = function (this: RecordedSpan, time) {
    if (this.status?.code === SpanStatusCode.UNSET) {
      const abort = lastBelow.get(this)?.events?.find(({ attributes }) => isAbortEvent(attributes));
      if (abort !== undefined) this.addEvent(abort.name, abort.attributes);
    }
    end.call(this, time);
  };
}

/** Types of an `AbortError`: the SDK records the code of an error, if it has one, as its type. */
const ABORT_TYPES: ReadonlySet<unknown> = new Set(['AbortError', String(DOMException.ABORT_ERR)]);

const isAbortEvent = (attributes: StartedSpan['attributes'] = {}): boolean =>
  ABORT_TYPES.has(attributes['exception.type']);
