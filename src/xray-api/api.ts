// No type of the AWS client appears here: it is an optional peer dependency, and this is public.

/** A document that X-Ray did not accept. */
export interface UnprocessedDocument {
  /** Id of its segment, if X-Ray could read it. */
  readonly id: string | undefined;
  readonly errorCode: string | undefined;
  readonly message: string | undefined;
}

/** Calls of the X-Ray API, signed with the credentials of the AWS credential chain. */
export interface XRayApi {
  /** Absolute path of the package, for a process that sends the rest. */
  readonly packagePath: string;
  /** The region of the platform, if it is known by now, for a process that sends the rest. */
  readonly platformRegion: string | undefined;
  /** Region and endpoint as the AWS client resolves them. Rejects without a region. */
  where(): Promise<string>;
  /** Resolves if there are credentials; rejects with the reason. */
  checkCredentials(): Promise<void>;
  /**
   * Sends segment documents, at most 50. Resolves with those that X-Ray did not accept; rejects with
   * the AWS client's error, see `apiFailure`.
   */
  putTraceSegments(documents: readonly string[]): Promise<readonly UnprocessedDocument[]>;
  /** Input and result are those of the AWS client. */
  getSamplingRules(input: object): Promise<object>;
  getSamplingTargets(input: object): Promise<object>;
  /** Where the account stores spans, and which part of the traces it indexes. */
  getTraceSegmentDestination(): Promise<object>;
  getIndexingRules(): Promise<object>;
  close(): void;
}
