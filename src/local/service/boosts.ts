/**
 * Temporary higher rates for rules with anomalies. Pure: time is an argument, in epoch seconds.
 *
 * @see docs/spec/xray-api.md section 6
 */

/** What one service reported for one rule since its last report. */
export interface BoostReport {
  readonly ruleName: string;
  readonly anomalies: number;
  readonly sampledAnomalies: number;
}

export interface BoostSettings {
  readonly FixedRate: number;
  readonly SamplingRateBoost?:
    | { readonly MaxRate: number; readonly CooldownWindowMinutes: number }
    | undefined;
}

export interface Boost {
  readonly BoostRate: number;
  /** Epoch seconds. */
  readonly BoostRateTTL: number;
}

const BOOST_SECONDS = 60;
/** Anomalies of this time decide about the rate. */
const WINDOW_SECONDS = 60;
/** Probability that at least one of the anomalies is sampled at the boosted rate. */
const CONFIDENCE = 0.95;

interface RuleBoost {
  reports: { readonly at: number; readonly anomalies: number; readonly sampledAnomalies: number }[];
  boost: Boost | undefined;
}

export class Boosts {
  readonly #rules = new Map<string, RuleBoost>();

  /** Records a report, and starts a boost if the anomalies would hardly be sampled without one. */
  report({ ruleName, ...counts }: BoostReport, settings: BoostSettings, now: number): void {
    const { SamplingRateBoost: limits, FixedRate } = settings;
    if (limits === undefined) return;
    const state = this.#rules.get(ruleName) ?? { reports: [], boost: undefined };
    this.#rules.set(ruleName, state);
    state.reports = state.reports.filter(({ at }) => at > now - WINDOW_SECONDS);
    state.reports.push({ at: now, ...counts });
    if (state.boost !== undefined && now < nextStart(state.boost, limits.CooldownWindowMinutes)) {
      return;
    }
    const sum = (pick: (report: Omit<BoostReport, 'ruleName'>) => number): number =>
      state.reports.reduce((all, report) => all + pick(report), 0);
    if (sum(({ sampledAnomalies }) => sampledAnomalies) > 0) return;
    const rate = Math.min(limits.MaxRate, neededRate(sum(({ anomalies }) => anomalies)));
    if (rate > FixedRate) state.boost = { BoostRate: rate, BoostRateTTL: now + BOOST_SECONDS };
  }

  /** Returns the boost of a rule that is active now. */
  active(ruleName: string, now: number): Boost | undefined {
    const boost = this.#rules.get(ruleName)?.boost;
    return boost !== undefined && now < boost.BoostRateTTL ? boost : undefined;
  }

  drop(ruleName: string): void {
    this.#rules.delete(ruleName);
  }
}

/** Returns the lowest rate at which one of the anomalies is sampled with sufficient probability. */
export function neededRate(anomalies: number): number {
  return anomalies === 0 ? 0 : 1 - (1 - CONFIDENCE) ** (1 / anomalies);
}

/** One boost starts in each cooldown window; the windows are aligned with the clock. */
function nextStart({ BoostRateTTL }: Boost, windowMinutes: number): number {
  if (windowMinutes === 0) return BoostRateTTL;
  const windowSeconds = windowMinutes * 60;
  const window = Math.floor((BoostRateTTL - BOOST_SECONDS) / windowSeconds);
  return Math.max(BoostRateTTL, (window + 1) * windowSeconds);
}
