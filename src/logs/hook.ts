import type { Span } from '@opentelemetry/api';
import { xrayTraceId } from '../api/trace-id.ts';

/**
 * The field that holds the trace id in X-Ray's form.
 *
 * X-Ray finds the log lines of a trace by its id anywhere in the text, so the name is ours to
 * choose: this is the one AWS Lambda Powertools writes, and it reads well beside `trace_id`,
 * `span_id` and `trace_flags`, which the OpenTelemetry instrumentations put in.
 */
export const LOG_FIELD = 'xray_trace_id';

/** As `logHook` of the OpenTelemetry instrumentations of pino, winston and bunyan takes it. */
export type LogHook = (span: Span, record: Record<string, unknown>) => void;

/** The options that the three instrumentations have in common. */
export interface LogInstrumentationOptions {
  readonly logHook: LogHook;
  /** Lines stay where the app writes them; without it winston looks for a package of its own. */
  readonly disableLogSending: true;
  /** With `true`, lines stay as they are. */
  readonly disableLogCorrelation: boolean;
}

/** Adds the trace id in X-Ray's form to a line; a field the app has set itself stays. */
export function xrayLogHook(field: string = LOG_FIELD): LogHook {
  return (span, record) => {
    const id = xrayTraceId(span);
    if (id !== undefined && !(field in record)) record[field] = id;
  };
}

/**
 * Options for the instrumentations of pino, winston and bunyan.
 *
 * @param field name of the field; `undefined` leaves the lines alone
 */
export function logInstrumentationOptions(field: string | undefined): LogInstrumentationOptions {
  return {
    logHook: xrayLogHook(field),
    disableLogSending: true,
    disableLogCorrelation: field === undefined,
  };
}
