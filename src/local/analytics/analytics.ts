import { FLAG_BITS, type Term } from '../store/derive.ts';
import { type Bin, binIndex, logBins, quantileOf, timeBins } from './distribution.ts';
import { annotationKeys, groupValues } from './group-by.ts';

/** How a request ended; each trace counts once. */
export interface OutcomeCounts {
  readonly ok: number;
  readonly error: number;
  readonly throttle: number;
  readonly fault: number;
}

export interface CountedBin extends Bin, OutcomeCounts {}

export interface Quantiles {
  readonly p50?: number | undefined;
  readonly p90?: number | undefined;
  readonly p99?: number | undefined;
}

export interface AnalyticsGroup extends Quantiles, OutcomeCounts {
  readonly value: string;
  readonly condition?: string | undefined;
  readonly count: number;
}

/** What `/local/analytics` answers. Times are epoch seconds, response times seconds. */
export interface Analytics extends Quantiles {
  readonly traces: number;
  readonly responseTimes: readonly CountedBin[];
  readonly overTime: readonly (CountedBin & Quantiles)[];
  readonly groups: readonly AnalyticsGroup[];
  /** Groups beyond those listed. */
  readonly moreGroups: number;
  /** Annotation keys that traces can be grouped by. */
  readonly annotations: readonly string[];
}

/** What the index of the store has of one trace. */
export interface AnalyzedTrace {
  readonly start: number;
  /** Of the root segment; the whole trace where it has not ended. */
  readonly seconds: number;
  /** Bits of {@link FLAG_BITS} that hold. */
  readonly flags: number;
  readonly terms: readonly Term[];
}

const RESPONSE_BINS = 40;
const TIME_BINS = 60;
const LISTED_GROUPS = 100;
/** Values beyond these are counted together. */
const MAX_GROUPS = 10_000;
const MAX_KEYS = 100;
const OTHER = '(other values)';

type Outcome = keyof OutcomeCounts;
const OUTCOMES: readonly Outcome[] = ['ok', 'error', 'throttle', 'fault'];

interface Group {
  readonly condition: string | undefined;
  readonly seconds: number[];
  readonly counts: number[];
}

/** Sums traces one by one; {@link TraceAnalyzer.result} makes the distributions. */
export class TraceAnalyzer {
  readonly #by: string;
  readonly #starts: number[] = [];
  readonly #seconds: number[] = [];
  readonly #outcomes: number[] = [];
  readonly #groups = new Map<string, Group>();
  readonly #keys = new Set<string>();

  /** @param by what traces are grouped by, see {@link groupValues} */
  constructor(by: string) {
    this.#by = by;
  }

  add({ start, seconds, flags, terms }: AnalyzedTrace): void {
    const outcome = outcomeIndex(flags);
    this.#starts.push(start);
    this.#seconds.push(seconds);
    this.#outcomes.push(outcome);
    for (const key of annotationKeys(terms)) {
      if (this.#keys.size < MAX_KEYS) this.#keys.add(key);
    }
    const values = new Map(groupValues(terms, this.#by).map((each) => [each.value, each]));
    for (const { value, condition } of values.values()) {
      const group = this.#group(value, condition);
      group.seconds.push(seconds);
      group.counts[outcome] = (group.counts[outcome] ?? 0) + 1;
    }
  }

  result(): Analytics {
    const groups = [...this.#groups].sort((a, b) => b[1].seconds.length - a[1].seconds.length);
    return {
      traces: this.#starts.length,
      ...quantilesOf(this.#seconds),
      responseTimes: this.#responseTimes(),
      overTime: this.#overTime(),
      groups: groups.slice(0, LISTED_GROUPS).map(([value, group]) => ({
        value,
        condition: group.condition,
        count: group.seconds.length,
        ...quantilesOf(group.seconds),
        ...namedCounts(group.counts),
      })),
      moreGroups: Math.max(groups.length - LISTED_GROUPS, 0),
      annotations: [...this.#keys].sort(),
    };
  }

  #group(value: string, condition: string | undefined): Group {
    const known = this.#groups.get(value);
    if (known !== undefined) return known;
    if (this.#groups.size >= MAX_GROUPS && value !== OTHER) return this.#group(OTHER, undefined);
    const group: Group = { condition, seconds: [], counts: [] };
    this.#groups.set(value, group);
    return group;
  }

  #responseTimes(): readonly CountedBin[] {
    if (this.#seconds.length === 0) return [];
    const bins = logBins(
      extreme(this.#seconds, Math.min),
      extreme(this.#seconds, Math.max),
      RESPONSE_BINS,
    );
    const counts = bins.map((): number[] => []);
    for (const [index, seconds] of this.#seconds.entries()) {
      increment(counts[binIndex(bins, seconds)], this.#outcomes[index]);
    }
    return bins.map((bin, index) => ({ ...bin, ...namedCounts(counts[index] ?? []) }));
  }

  #overTime(): readonly (CountedBin & Quantiles)[] {
    if (this.#starts.length === 0) return [];
    const bins = timeBins(
      extreme(this.#starts, Math.min),
      extreme(this.#starts, Math.max),
      TIME_BINS,
    );
    const counts = bins.map((): number[] => []);
    const seconds = bins.map((): number[] => []);
    for (const [index, start] of this.#starts.entries()) {
      const at = binIndex(bins, start);
      increment(counts[at], this.#outcomes[index]);
      seconds[at]?.push(this.#seconds[index] as number);
    }
    return bins.map((bin, index) => ({
      ...bin,
      ...namedCounts(counts[index] ?? []),
      ...quantilesOf(seconds[index] ?? []),
    }));
  }
}

/**
 * Returns the index of the outcome: fault before throttle before error, as the page shows a trace.
 */
function outcomeIndex(flags: number): number {
  if (flags & FLAG_BITS.fault) return OUTCOMES.indexOf('fault');
  if (flags & FLAG_BITS.throttle) return OUTCOMES.indexOf('throttle');
  return flags & FLAG_BITS.error ? OUTCOMES.indexOf('error') : OUTCOMES.indexOf('ok');
}

function increment(counts: number[] | undefined, index: number | undefined): void {
  if (counts !== undefined && index !== undefined) counts[index] = (counts[index] ?? 0) + 1;
}

function namedCounts(counts: readonly number[]): OutcomeCounts {
  const [ok = 0, error = 0, throttle = 0, fault = 0] = counts;
  return { ok, error, throttle, fault };
}

export function quantilesOf(values: readonly number[]): Quantiles {
  const sorted = Float64Array.from(values).sort();
  return {
    p50: quantileOf(sorted, 0.5),
    p90: quantileOf(sorted, 0.9),
    p99: quantileOf(sorted, 0.99),
  };
}

/** `Math.min(...values)` has too many arguments for long lists. */
function extreme(values: readonly number[], pick: (a: number, b: number) => number): number {
  return values.reduce((a, b) => pick(a, b));
}
