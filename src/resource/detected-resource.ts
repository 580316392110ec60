import type { Attributes } from '@opentelemetry/api';

/** The attributes of the place where the process runs. */
export interface DetectedResource {
  /** Attributes that need no network access. */
  readonly initial: Attributes;
  /**
   * Queries the metadata services at the first call; later calls return the same result.
   *
   * @returns all attributes, including `initial`; those of a service that does not respond within two
   *   seconds are missing. Never rejects.
   */
  readonly detectAll: () => Promise<Attributes>;
}
