import { type Span, TraceFlags, trace } from '@opentelemetry/api';
import { warnOnce } from '../diagnostics.ts';

/**
 * What a helper does when it is called outside a trace.
 *
 * `LOG_ERROR` logs one warning per call site, `RUNTIME_ERROR` throws, `IGNORE_ERROR` does nothing.
 *
 * @see aws/aws-xray-sdk-node packages/core/lib/context_utils.js, which defines the three
 */
export type ContextMissing = 'LOG_ERROR' | 'RUNTIME_ERROR' | 'IGNORE_ERROR';

/** Any function; only used to find its caller. */
// biome-ignore lint/complexity/noBannedTypes: captureStackTrace takes any function
export type Helper = Function;

let strategy: ContextMissing = 'LOG_ERROR';

/** Finding a call site requires a stack trace. After this many calls, no further sites are looked up. */
const MAX_LOOKUPS = 10_000;
let lookups = 0;

/** Sets what the helpers do outside a trace. Called at start with the configured strategy. */
export function setContextMissing(next: ContextMissing): void {
  strategy = next;
}

/**
 * Reports a call without a span according to the strategy.
 *
 * @param helper the public function that the application called; the frame above it is the call site
 * @param problem the message, without the call site
 * @throws {Error} only with `RUNTIME_ERROR`
 */
export function contextMissing(helper: Helper, problem: string): void {
  if (strategy === 'IGNORE_ERROR') return;
  if (strategy === 'RUNTIME_ERROR') {
    const error = new Error(`otel-xray: ${problem}`);
    Error.captureStackTrace(error, helper);
    throw error;
  }
  warnAt(helper, problem);
}

/** Logs one warning per call site of `helper`. */
export function warnAt(helper: Helper, problem: string): void {
  lookups += 1;
  if (lookups > MAX_LOOKUPS) return;
  const site = callSite(helper);
  warnOnce(`${problem} (called at ${site})`, `${problem} ${site}`);
}

/**
 * Returns the span that a helper works on: the given span or the active span, if it is recording.
 *
 * An unsampled span is not an error of the caller and is not reported. A missing span, a span of
 * another process and an ended span are reported by {@link contextMissing}.
 */
export function recordingSpan(given: Span | undefined, helper: Helper): Span | undefined {
  const span = given ?? trace.getActiveSpan();
  if (span?.isRecording()) return span;
  const problem = span === undefined ? 'outside a trace' : whyNotRecording(span);
  if (problem !== undefined) {
    contextMissing(helper, `${helper.name}() ${problem}: nothing is recorded`);
  }
  return undefined;
}

function whyNotRecording(span: Span): string | undefined {
  const { traceFlags, isRemote } = span.spanContext();
  if ((traceFlags & TraceFlags.SAMPLED) === 0) return undefined;
  return isRemote ? 'outside a span of this process' : 'on a span that has ended';
}

/** Returns `file:line` of the code that called `helper`, or `an unknown place`. */
function callSite(helper: Helper): string {
  const limit = Error.stackTraceLimit;
  try {
    const holder: { stack?: unknown } = {};
    Error.stackTraceLimit = 1;
    Error.captureStackTrace(holder, helper);
    const frame = String(holder.stack).split('\n').at(-1) ?? '';
    const [, place] = /\(?((?:file:|node:|[A-Za-z]:)?[^()]*:\d+):\d+\)?$/.exec(frame.trim()) ?? [];
    return place?.replace(/^at (?:async )?/, '') ?? 'an unknown place';
  } catch {
    return 'an unknown place';
  } finally {
    try {
      Error.stackTraceLimit = limit;
    } catch {
      // Frozen intrinsics: the limit was not changed.
    }
  }
}
