import { type Contribution, outcomeOf } from '../trace/contribution.ts';
import { toMicros } from '../trace/entity.ts';

type Request = Contribution['nodes'][number]['requests'][number];

/** A histogram with more distinct values merges neighbouring ones. */
const MAX_BARS = 100;

/** Sums over the completed requests of a node or an edge (docs/spec/xray-api.md section 5.4). */
export class Statistics {
  #start = Number.POSITIVE_INFINITY;
  #end = Number.NEGATIVE_INFINITY;
  #ok = 0;
  #error = 0;
  #throttle = 0;
  #fault = 0;
  #seconds = 0;
  /** Response time in whole milliseconds → requests. */
  readonly #times = new Map<number, number>();

  add(request: Request): void {
    const [start, end] = request;
    this.#start = Math.min(this.#start, start);
    this.#end = Math.max(this.#end, end ?? start);
    // X-Ray counts completed requests only.
    if (end === null) return;
    const outcome = outcomeOf(request);
    if (outcome === 'ok') this.#ok += 1;
    else if (outcome === 'fault') this.#fault += 1;
    else {
      this.#error += 1;
      if (outcome === 'throttle') this.#throttle += 1;
    }
    this.#seconds += toMicros(end - start);
    const ms = Math.round((end - start) * 1000);
    this.#times.set(ms, (this.#times.get(ms) ?? 0) + 1);
  }

  /** Epoch seconds of the first start and the last end. */
  get range(): { readonly StartTime: number; readonly EndTime: number } {
    return { StartTime: this.#start, EndTime: this.#end };
  }

  get total(): number {
    return this.#ok + this.#error + this.#fault;
  }

  summary(): object {
    return {
      OkCount: this.#ok,
      ErrorStatistics: {
        ThrottleCount: this.#throttle,
        OtherCount: this.#error - this.#throttle,
        TotalCount: this.#error,
      },
      FaultStatistics: { OtherCount: this.#fault, TotalCount: this.#fault },
      TotalCount: this.total,
      TotalResponseTime: toMicros(this.#seconds),
    };
  }

  histogram(): readonly { readonly Value: number; readonly Count: number }[] {
    let bars = this.#times;
    for (const digits of [3, 2, 1]) {
      if (bars.size <= MAX_BARS) break;
      bars = merged(bars, digits);
    }
    return [...bars]
      .sort(([a], [b]) => a - b)
      .map(([ms, count]) => ({ Value: ms / 1000, Count: count }));
  }
}

/** Merges bars whose values are equal after rounding to `digits` significant digits. */
function merged(bars: ReadonlyMap<number, number>, digits: number): Map<number, number> {
  const fewer = new Map<number, number>();
  for (const [ms, count] of bars) {
    const value = Number(ms.toPrecision(digits));
    fewer.set(value, (fewer.get(value) ?? 0) + count);
  }
  return fewer;
}
