/** A call of the AWS SDK, as hooks see it. */
export interface AwsRequest {
  /** E.g. `SQS`. */
  readonly serviceName: string;
  /** E.g. `SendMessage`. */
  readonly commandName: string;
  /**
   * A copy of the app's input. Changes that a hook makes to it, including the attributes of each
   * message of a batch, are sent with the call. The app's own objects do not change.
   */
  commandInput: unknown;
  /** Absent until the region provider of the client has answered. */
  region?: string | undefined;
}

/** The outcome of a successful call, as hooks see it. */
export interface AwsResponse {
  readonly request: AwsRequest;
  readonly data: unknown;
  readonly requestId: string | undefined;
}
