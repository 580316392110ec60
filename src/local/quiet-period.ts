/**
 * Says when a trace has come to rest: no document for a while. Pure; time is an argument.
 *
 * A trace that is not complete is given longer, since more of it is expected.
 */
export interface SettleTimes {
  /** Milliseconds without a document, for a complete trace. */
  readonly quietMs: number;
  /** The same for a trace with something in progress or missing. */
  readonly partialMs: number;
}

export class SettleWatch {
  readonly #times: SettleTimes;
  readonly #waiting = new Map<string, { readonly since: number; partial: boolean | undefined }>();

  constructor(times: SettleTimes) {
    this.#times = times;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  changed(traceId: string, nowMs: number): void {
    // Deleted first, so that the map stays in order of the last change.
    this.#waiting.delete(traceId);
    this.#waiting.set(traceId, { since: nowMs, partial: undefined });
  }

  /**
   * Up to `limit` traces at rest, each said once; `isPartial` is asked once for each that is quiet.
   */
  settled(
    nowMs: number,
    isPartial: (traceId: string) => boolean,
    limit: number = Number.POSITIVE_INFINITY,
  ): readonly string[] {
    const { quietMs, partialMs } = this.#times;
    const done: string[] = [];
    for (const [traceId, state] of this.#waiting) {
      const quiet = nowMs - state.since;
      if (quiet < quietMs || done.length >= limit) break;
      // Only another document could change the answer.
      if (quiet < partialMs) state.partial ??= isPartial(traceId);
      if (quiet >= partialMs || state.partial === false) done.push(traceId);
    }
    for (const traceId of done) this.#waiting.delete(traceId);
    return done;
  }

  clear(): void {
    this.#waiting.clear();
  }
}
