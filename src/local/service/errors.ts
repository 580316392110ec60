/** HTTP status of each error of the service (docs/spec/xray-api.md section 1.1). */
const STATUS = {
  InvalidRequestException: 400,
  RuleLimitExceededException: 400,
  ThrottledException: 429,
  ResourceNotFoundException: 404,
  TooManyTagsException: 400,
  MalformedPolicyDocumentException: 400,
  LockoutPreventionException: 400,
  InvalidPolicyRevisionIdException: 400,
  PolicySizeLimitExceededException: 400,
  PolicyCountLimitExceededException: 400,
  AccessDeniedException: 403,
  RequestTooLargeException: 413,
  // AWS clients retry 500, 502, 503 and 504.
  NotImplementedException: 501,
  InternalServerError: 501,
  UnknownOperationException: 404,
} as const;

export type ErrorType = keyof typeof STATUS;

/** An error that is returned in the format of the service. */
export class ServiceError extends Error {
  readonly type: ErrorType;
  readonly #more: Readonly<Record<string, unknown>>;

  constructor(type: ErrorType, message: string, more: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.type = type;
    this.#more = more;
  }

  get status(): number {
    return STATUS[this.type];
  }

  /** `__type` is what botocore reads, `Message` what old SDKs read. */
  get body(): object {
    const { message } = this;
    return { __type: this.type, message, Message: message, ...this.#more };
  }
}

export function invalid(message: string): ServiceError {
  return new ServiceError('InvalidRequestException', message);
}
