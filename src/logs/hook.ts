import type { Span } from '@opentelemetry/api';
import { xrayTraceId } from '../api/trace-id.ts';

/**
 * The default field for the trace id in X-Ray format.
 *
 * X-Ray finds the log lines of a trace by searching for its id in the text, so any name works. This
 * is the name that AWS Lambda Powertools uses. It is consistent with `trace_id`, `span_id` and
 * `trace_flags`, which the OpenTelemetry instrumentations add.
 */
export const LOG_FIELD = 'xray_trace_id';

/** The `logHook` of the OpenTelemetry instrumentations of pino, winston and bunyan. */
export type LogHook = (span: Span, record: Record<string, unknown>) => void;

/** The options that the three instrumentations share. */
export interface LogInstrumentationOptions {
  readonly logHook: LogHook;
  /** Log records are not sent by OpenTelemetry. Otherwise winston requires another package. */
  readonly disableLogSending: true;
  /** With `true`, log lines are not changed. */
  readonly disableLogCorrelation: boolean;
}

/** Adds the trace id in X-Ray format to a record. A field set by the application is kept. */
function xrayLogHook(field: string = LOG_FIELD): LogHook {
  return (span, record) => {
    const id = xrayTraceId(span);
    if (id !== undefined && !(field in record)) record[field] = id;
  };
}

/**
 * Returns the options for the instrumentations of pino, winston and bunyan.
 *
 * @param field name of the field; with `undefined`, log lines are not changed
 */
export function logInstrumentationOptions(field: string | undefined): LogInstrumentationOptions {
  return {
    logHook: xrayLogHook(field),
    disableLogSending: true,
    disableLogCorrelation: field === undefined,
  };
}
