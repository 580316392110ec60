import { isValidTraceId, type Span, TraceFlags, trace } from '@opentelemetry/api';
import { attempt } from '../attempt.ts';
import { xrayForm } from '../trace-id.ts';

/**
 * The trace id as X-Ray shows it, `1-581cf771-a006649127e371903a2de979`: for log lines, support
 * codes and answers to users.
 *
 * @param span the span to ask; the active one when left out
 * @returns `undefined` outside a trace; nothing is said then. An unsampled trace has an id too
 */
export function xrayTraceId(span?: Span): string | undefined {
  return attempt('xrayTraceId', () => {
    const traceId = (span ?? trace.getActiveSpan())?.spanContext().traceId;
    return traceId !== undefined && isValidTraceId(traceId) ? xrayForm(traceId) : undefined;
  });
}

/**
 * Whether what is recorded now reaches X-Ray: guards work that is only done for the trace.
 *
 * @param span the span to ask; the active one when left out
 * @returns false outside a trace; nothing is said then
 * @example
 * if (isSampled()) addMetadata('plan', await explain(query))
 */
export function isSampled(span?: Span): boolean {
  const flags = attempt(
    'isSampled',
    () => (span ?? trace.getActiveSpan())?.spanContext().traceFlags,
  );
  return ((flags ?? 0) & TraceFlags.SAMPLED) !== 0;
}
