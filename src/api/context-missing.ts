import { type Span, TraceFlags, trace } from '@opentelemetry/api';
import { warnOnce } from '../diagnostics.ts';

/**
 * What a helper does that is called outside a trace.
 *
 * `LOG_ERROR` warns, once for each place in the code; `RUNTIME_ERROR` throws; `IGNORE_ERROR` is
 * silent.
 *
 * @see aws/aws-xray-sdk-node packages/core/lib/context_utils.js, which defines the three
 */
export type ContextMissing = 'LOG_ERROR' | 'RUNTIME_ERROR' | 'IGNORE_ERROR';

/** Any function; used only to find who called it. */
// biome-ignore lint/complexity/noBannedTypes: captureStackTrace takes any function
export type Helper = Function;

let strategy: ContextMissing = 'LOG_ERROR';

/** A call site costs a stack trace to find; past this many calls all sites that matter are known. */
const MAX_LOOKUPS = 10_000;
let lookups = 0;

/** Sets what the helpers do outside a trace; the start of the process does it from the environment. */
export function setContextMissing(next: ContextMissing): void {
  strategy = next;
}

/**
 * Speaks of a call that has no span to work on, as the strategy says.
 *
 * @param helper the public function the app called; the frame above it is the call site
 * @param problem the sentence to say, without the place
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

/** Warns once per call site of `helper`. */
export function warnAt(helper: Helper, problem: string): void {
  lookups += 1;
  if (lookups > MAX_LOOKUPS) return;
  const site = callSite(helper);
  warnOnce(`${problem} (called at ${site})`, `${problem} ${site}`);
}

/**
 * The span a helper works on: the given or the active one, when it records.
 *
 * A span that was not sampled is no mistake of the caller: nothing is said. No span at all, one of
 * another process, or one that has ended goes to {@link contextMissing}.
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

/** `file:line` of the code that called `helper`, or `an unknown place`. */
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
      // Frozen intrinsics: nothing was changed either.
    }
  }
}
