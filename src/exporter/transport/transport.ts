/** Takes documents from the batch writer to X-Ray: over UDP to the daemon, or by calls of the API. */
export interface Transport {
  /** Call it when a request has ended. Encodes spans if many wait. */
  writeAhead(): void;
  /** Call it when there is something to send. */
  schedule(): void;
  /** Sends everything added so far, starting now. Resolves as {@link whenSent} does. */
  flush(timeoutMs: number): Promise<void>;
  /**
   * Resolves when everything added so far is sent, or is held because nothing receives it; after
   * `timeoutMs` with a warning.
   */
  whenSent(timeoutMs: number): Promise<void>;
  /** Sends everything before it returns, for a process that is about to end. */
  flushSync(deadlineMs: number): void;
  /** Stops the timers; what is queued stays queued. */
  stop(): void;
}
