import type { Span } from '@opentelemetry/api';
import { recordError } from '../../api/errors.ts';
import type { AwsRequest } from './aws-call.ts';

type Fields = Readonly<Record<string, unknown>>;

/** A failure of what a call has started, as an error to record. */
interface ReportedFailure {
  readonly name: string;
  readonly message: string;
  /** The stack of another process, in the format of V8. */
  readonly stack?: string;
}

/** Values of the header that do not name the error. */
const HEADER = /^(?:Unh|H)andled$/;
/** Larger results of a failed function are not parsed. */
const MAX_PAYLOAD_BYTES = 256 * 1024;

/**
 * Records the failure that the result of a successful call reports, and marks the span as failed: an
 * invoked Lambda function that threw an error, and an execution of Step Functions that failed. The
 * status of these responses is 200.
 */
export function recordReportedFailure(span: Span, request: AwsRequest, output: unknown): void {
  const { serviceName, commandName } = request;
  const fields = fieldsOf(output);
  if (serviceName === 'Lambda' && commandName === 'Invoke') {
    const functionError = textOf(fields['FunctionError']);
    if (functionError !== undefined) recordFunctionError(span, functionError, fields['Payload']);
  } else if (serviceName === 'SFN' && commandName === 'StartSyncExecution') {
    const failure = errorOfExecution(fields);
    if (failure !== undefined) recordError(span, failure, { remote: true });
  }
}

/** Records the failure in the last event of the streamed response of a Lambda function. */
export function recordStreamFailure(span: Span, event: unknown): void {
  const { ErrorCode, ErrorDetails } = fieldsOf(fieldsOf(event)['InvokeComplete']);
  const code = textOf(ErrorCode);
  if (code !== undefined) recordFunctionError(span, code, ErrorDetails);
}

/** Returns whether an event ends the streamed response of a Lambda function. */
export function isLastEvent(event: unknown): boolean {
  return fieldsOf(event)['InvokeComplete'] !== undefined;
}

function recordFunctionError(span: Span, functionError: string, payload: unknown): void {
  span.setAttribute('aws.lambda.function_error', functionError);
  recordError(span, errorOfFunction(payload, functionError), { remote: true });
}

/**
 * Returns the error in the payload of a failed function.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-exceptions.html
 */
function errorOfFunction(payload: unknown, functionError: string): ReportedFailure {
  const { errorType, errorMessage, trace } = parsed(payload);
  const message =
    textOf(errorMessage) ?? textOf(payload) ?? `the function failed (${functionError})`;
  const lines = Array.isArray(trace) ? trace.filter((line) => typeof line === 'string') : [];
  return {
    name: textOf(errorType) ?? (HEADER.test(functionError) ? 'FunctionError' : functionError),
    message,
    ...(lines.length > 0 && { stack: lines.join('\n') }),
  };
}

function errorOfExecution({ status, error, cause }: Fields): ReportedFailure | undefined {
  if (typeof status !== 'string' || status === 'SUCCEEDED') return undefined;
  return { name: textOf(error) ?? status, message: textOf(cause) ?? `the execution is ${status}` };
}

/** Returns the object in a payload of JSON; an empty one if it contains anything else. */
function parsed(payload: unknown): Fields {
  const isText = typeof payload === 'string';
  if (!isText && !(payload instanceof Uint8Array)) return {};
  if (payload.length > MAX_PAYLOAD_BYTES) return {};
  try {
    return fieldsOf(JSON.parse(isText ? payload : new TextDecoder().decode(payload)));
  } catch {
    return {};
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}
