import { isValidTraceId, type Span, TraceFlags, trace } from '@opentelemetry/api';
import { attempt } from '../attempt.ts';
import { xrayForm } from '../trace-id.ts';

/**
 * Returns the trace id in X-Ray's format, `1-581cf771-a006649127e371903a2de979`, for log lines, support
 * codes and responses to users.
 *
 * @param span default: the active span
 * @returns `undefined` outside a trace, without a warning. An unsampled trace has an id too
 */
export function xrayTraceId(span?: Span): string | undefined {
  return attempt('xrayTraceId', () => {
    const traceId = (span ?? trace.getActiveSpan())?.spanContext().traceId;
    return traceId !== undefined && isValidTraceId(traceId) ? xrayForm(traceId) : undefined;
  });
}

/**
 * Returns whether the current trace is sent to X-Ray. Use it to skip work that is only done for the trace.
 *
 * @param span default: the active span
 * @returns `false` outside a trace, without a warning
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
