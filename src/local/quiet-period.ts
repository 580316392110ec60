/**
 * Tells when a trace is quiet: no document for a while. Pure; time is an argument.
 *
 * An incomplete trace gets a longer period, since more documents are expected.
 */
export interface QuietPeriods {
  /** Milliseconds without a document, for a complete trace. */
  readonly quietMs: number;
  /** The same for a trace with something in progress or missing. */
  readonly partialMs: number;
}

export class QuietPeriodTracker {
  readonly #times: QuietPeriods;
  readonly #pending = new Map<string, { readonly since: number; partial: boolean | undefined }>();

  constructor(times: QuietPeriods) {
    this.#times = times;
  }

  get pendingCount(): number {
    return this.#pending.size;
  }

  changed(traceId: string, nowMs: number): void {
    // Delete first, so that the map stays in order of the last change.
    this.#pending.delete(traceId);
    this.#pending.set(traceId, { since: nowMs, partial: undefined });
  }

  /**
   * Removes and returns up to `limit` quiet traces. Calls `isPartial` at most once per trace.
   */
  takeQuiet(
    nowMs: number,
    isPartial: (traceId: string) => boolean,
    limit: number = Number.POSITIVE_INFINITY,
  ): readonly string[] {
    const { quietMs, partialMs } = this.#times;
    const done: string[] = [];
    for (const [traceId, state] of this.#pending) {
      const quiet = nowMs - state.since;
      if (quiet < quietMs || done.length >= limit) break;
      // Only another document could change the result.
      if (quiet < partialMs) state.partial ??= isPartial(traceId);
      if (quiet >= partialMs || state.partial === false) done.push(traceId);
    }
    for (const traceId of done) this.#pending.delete(traceId);
    return done;
  }

  clear(): void {
    this.#pending.clear();
  }
}
