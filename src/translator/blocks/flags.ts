import { isErrorStatus, isFaultStatus, isThrottleStatus } from '../../http-status.ts';
import { type AttributeReader, names } from '../context/attributes.ts';
import { HANDLER_STATUS } from '../context/handler-status.ts';
import type { SpanTraits } from '../context/span-traits.ts';
import { integerOf } from '../values/text.ts';
import type { Cause } from './exceptions.ts';

const NAMES = {
  errorType: names('error.type', 'aws.error.code'),
  awsCode: names('aws.error.code'),
  handlerStatus: names(HANDLER_STATUS),
  databaseStatus: names('db.response.status_code'),
  grpcError: names('grpc.error_name'),
  grpcCode: names('rpc.response.status_code', 'rpc.grpc.status_code'),
} as const;

/** Each flag is `true` or absent (R1.23). */
export interface Flags {
  readonly error: true | undefined;
  readonly fault: true | undefined;
  readonly throttle: true | undefined;
}

const NONE: Flags = { error: undefined, fault: undefined, throttle: undefined };
const ERROR: Flags = { error: true, fault: undefined, throttle: undefined };
const FAULT: Flags = { error: undefined, fault: true, throttle: undefined };
const THROTTLED: Flags = { error: true, fault: undefined, throttle: true };
const THROTTLED_FAULT: Flags = { error: undefined, fault: true, throttle: true };

/** Error codes of AWS services for throttled requests. */
const THROTTLING: ReadonlySet<string | undefined> = new Set([
  'BandwidthLimitExceeded',
  'EC2ThrottledException',
  'LimitExceededException',
  'PriorRequestNotComplete',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'RequestThrottled',
  'RequestThrottledException',
  'SlowDown',
  'ThrottledException',
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
  'TransactionInProgressException',
]);

/** `error.type` of a request whose client disconnected before it had the response. */
export const CLIENT_DISCONNECTED = 'ClientDisconnectedError';

/** Databases over HTTP: the status of their response is that of HTTP (B-55). */
const HTTP_DATABASES: ReadonlySet<string | undefined> = new Set(['elasticsearch', 'opensearch']);

const GRPC_EXHAUSTED: ReadonlySet<string | number | undefined> = new Set([8, 'RESOURCE_EXHAUSTED']);
/** gRPC codes that are errors of the caller; all other failures are faults. */
const GRPC_ERRORS: ReadonlySet<string | number | undefined> = new Set([
  ...[1, 3, 5, 6, 7, 9, 10, 11, 16],
  'CANCELLED',
  'INVALID_ARGUMENT',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNAUTHENTICATED',
]);

/**
 * Returns the flags (docs/spec/translation.md section 4.1). The HTTP status takes precedence over the
 * status of the span.
 *
 * @param httpStatus the value of `http.response.status` in the document
 */
export function flagsOf(
  reader: AttributeReader,
  traits: SpanTraits,
  httpStatus: number | undefined,
  isError: boolean,
  cause: Cause | undefined,
): Flags {
  const handlerStatus = reader.takeInteger(NAMES.handlerStatus, 100, 599);
  const code = httpStatus ?? handlerStatus ?? databaseStatus(reader, traits) ?? 0;
  // The instrumentation of a gRPC server sets no status for an error without a code.
  if (!isError && code < 400 && !reader.has(NAMES.grpcError)) return NONE;
  if (traits.isAwsSdk && isThrottled(reader, cause))
    return isFaultStatus(code) ? THROTTLED_FAULT : THROTTLED;
  if (isFaultStatus(code)) return FAULT;
  if (isErrorStatus(code)) return isThrottleStatus(code) ? THROTTLED : ERROR;
  // The exception was flow control: another handler turned it into a response.
  if (handlerStatus !== undefined) return NONE;
  if (traits.isServer && reader.peekText(NAMES.errorType) === CLIENT_DISCONNECTED) return ERROR;
  return grpcFlags(reader);
}

function databaseStatus(reader: AttributeReader, { dbSystem }: SpanTraits): number | undefined {
  if (!HTTP_DATABASES.has(dbSystem)) return undefined;
  const status = integerOf(reader.peek(NAMES.databaseStatus));
  return status !== undefined && status >= 100 && status <= 599 ? status : undefined;
}

function isThrottled(reader: AttributeReader, cause: Cause | undefined): boolean {
  return (
    THROTTLING.has(reader.peekText(NAMES.errorType)) ||
    THROTTLING.has(reader.peekText(NAMES.awsCode)) ||
    (cause?.block.exceptions.some((exception) => THROTTLING.has(exception.type)) ?? false)
  );
}

function grpcFlags(reader: AttributeReader): Flags {
  const value = reader.peek(NAMES.grpcCode);
  const code = integerOf(value) ?? (typeof value === 'string' ? value : undefined);
  if (GRPC_EXHAUSTED.has(code)) return THROTTLED;
  return GRPC_ERRORS.has(code) ? ERROR : FAULT;
}
