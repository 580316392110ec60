/**
 * What to do after a failed call:
 * - `retry`: the service or the network failed;
 * - `throttled`: X-Ray asks for fewer calls;
 * - `skewed`: the clock differs from X-Ray's; the AWS client has corrected it for the next call;
 * - `credentials`: expired or unknown credentials; a new client reads them again;
 * - `denied`: the credentials do not allow the call, or there are none;
 * - `too-large`: fewer documents in one call may succeed;
 * - `rejected`: the same call would fail again.
 */
export type FailureKind =
  | 'retry'
  | 'throttled'
  | 'skewed'
  | 'credentials'
  | 'denied'
  | 'too-large'
  | 'rejected';

/** A failed call, as far as its handling needs it. */
export interface ApiFailure {
  readonly kind: FailureKind;
  /** What `Retry-After` asks for, in milliseconds. */
  readonly retryAfterMs: number | undefined;
  /** The error as one line. */
  readonly text: string;
}

/** The parts of an AWS client's error that are read; all of them may be missing. */
interface AwsError {
  readonly name?: string;
  readonly message?: string;
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly $response?: {
    readonly statusCode?: number;
    readonly headers?: Readonly<Record<string, string>>;
  };
}

/**
 * Names of errors.
 *
 * @see https://docs.aws.amazon.com/xray/latest/api/CommonErrors.html
 */
const KINDS: Readonly<Record<string, FailureKind>> = {
  ThrottledException: 'throttled',
  ThrottlingException: 'throttled',
  Throttling: 'throttled',
  TooManyRequestsException: 'throttled',
  RequestLimitExceeded: 'throttled',
  LimitExceededException: 'throttled',
  InvalidSignatureException: 'skewed',
  SignatureDoesNotMatch: 'skewed',
  RequestExpired: 'skewed',
  RequestTimeTooSkewed: 'skewed',
  RequestInTheFuture: 'skewed',
  ExpiredToken: 'credentials',
  ExpiredTokenException: 'credentials',
  InvalidClientTokenId: 'credentials',
  UnrecognizedClientException: 'credentials',
  IncompleteSignature: 'credentials',
  CredentialsProviderError: 'denied',
  TokenProviderError: 'denied',
  MissingAuthenticationToken: 'denied',
  AccessDenied: 'denied',
  AccessDeniedException: 'denied',
  NotAuthorized: 'denied',
  OptInRequired: 'denied',
  RequestEntityTooLargeException: 'too-large',
  InvalidRequestException: 'rejected',
  ValidationException: 'rejected',
};

const STATUS_KINDS: Readonly<Record<number, FailureKind>> = {
  401: 'credentials',
  403: 'denied',
  408: 'retry',
  413: 'too-large',
  429: 'throttled',
};

/** Classifies what an AWS client threw. */
export function apiFailure(thrown: unknown): ApiFailure {
  const error = (typeof thrown === 'object' && thrown !== null ? thrown : {}) as AwsError;
  const status = error.$metadata?.httpStatusCode ?? error.$response?.statusCode;
  return {
    kind: KINDS[error.name ?? ''] ?? STATUS_KINDS[status ?? 0] ?? kindOfStatus(status),
    retryAfterMs: retryAfterMs(error.$response?.headers),
    text: failureText(thrown, error),
  };
}

/** Without a status, there was no response. */
function kindOfStatus(status: number | undefined): FailureKind {
  return status !== undefined && status >= 400 && status < 500 ? 'rejected' : 'retry';
}

function failureText(thrown: unknown, { name, message, code }: AwsError): string {
  const label = code ?? name;
  if (message === undefined || message === '') return label ?? String(thrown);
  return label === undefined || message.includes(label) ? message : `${label}: ${message}`;
}

function retryAfterMs(headers: Readonly<Record<string, string>> | undefined): number | undefined {
  const seconds = Number(headers?.['retry-after']);
  return seconds > 0 ? seconds * 1_000 : undefined;
}

/** Returns whether X-Ray may accept a document that it did not process, judged by its error code. */
export function isTransient(errorCode: string | undefined): boolean {
  return /throttl|internal|unavailable|timeout|^5\d\d$/i.test(errorCode ?? '');
}
