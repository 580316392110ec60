/**
 * Shares of the reservoirs, and what clients report. Pure: time is an argument, in epoch seconds.
 *
 * @see docs/spec/xray-api.md section 6
 */

/** One line of a client's report. */
export interface StatisticsDocument {
  readonly clientId: string;
  readonly ruleName: string;
  readonly requests: number;
  readonly sampled: number;
  readonly borrowed: number;
}

export interface Totals {
  readonly requests: number;
  readonly sampled: number;
  readonly borrowed: number;
}

export interface Poller extends Totals {
  readonly clientId: string;
  readonly firstReport: number;
  readonly lastReport: number;
  /** The last assigned share. */
  readonly quota: number | undefined;
}

export interface WindowSum extends Totals {
  readonly ruleName: string;
  /** Start of the window. */
  readonly at: number;
}

export const INTERVAL_SECONDS = 10;
/** A client that has not reported for this long loses its share. */
const FORGOTTEN_AFTER = 3 * INTERVAL_SECONDS;
const KEPT_SECONDS = 600;
const MAX_CLIENTS = 10_000;
const NOTHING: Totals = { requests: 0, sampled: 0, borrowed: 0 };

interface RuleState {
  totals: Totals;
  readonly clients: Map<string, Poller>;
  readonly windows: Map<number, Totals>;
}

export class Quotas {
  readonly #rules = new Map<string, RuleState>();

  /**
   * Records a report and returns the client's share of a reservoir, in requests per second.
   *
   * @returns `undefined` for a client that has only reported anomalies of other services' requests
   */
  report(document: StatisticsDocument, reservoir: number, now: number): number | undefined {
    const state = this.#state(document.ruleName);
    if (document.requests === 0 && !state.clients.has(document.clientId)) return undefined;
    state.totals = sum(state.totals, document);
    const window = Math.floor(now / INTERVAL_SECONDS) * INTERVAL_SECONDS;
    state.windows.set(window, sum(state.windows.get(window) ?? NOTHING, document));
    for (const at of state.windows.keys()) if (at < now - KEPT_SECONDS) state.windows.delete(at);
    for (const [id, { lastReport }] of state.clients) {
      if (lastReport < now - FORGOTTEN_AFTER) state.clients.delete(id);
    }
    const known = state.clients.get(document.clientId);
    const client: Poller = {
      ...sum(known ?? NOTHING, document),
      clientId: document.clientId,
      firstReport: known?.firstReport ?? now,
      lastReport: now,
      quota: known?.quota,
    };
    if (known === undefined && state.clients.size >= MAX_CLIENTS) return 0;
    // Maps keep the order of first insertion, which is the order of the first reports.
    state.clients.set(document.clientId, client);
    const place = [...state.clients.keys()].indexOf(document.clientId);
    const share = shareOf(reservoir, state.clients.size, place);
    state.clients.set(document.clientId, { ...client, quota: share });
    return share;
  }

  totals(ruleName: string): Totals {
    return this.#rules.get(ruleName)?.totals ?? NOTHING;
  }

  pollers(ruleName: string): readonly Poller[] {
    return [...(this.#rules.get(ruleName)?.clients.values() ?? [])];
  }

  /** Newest first. */
  windows(): readonly WindowSum[] {
    return [...this.#rules]
      .flatMap(([ruleName, { windows }]) =>
        [...windows].map(([at, totals]) => ({ ruleName, at, ...totals })),
      )
      .sort((a, b) => b.at - a.at || (a.ruleName < b.ruleName ? -1 : 1));
  }

  drop(ruleName: string): void {
    this.#rules.delete(ruleName);
  }

  #state(ruleName: string): RuleState {
    const state = this.#rules.get(ruleName) ?? {
      totals: NOTHING,
      clients: new Map(),
      windows: new Map(),
    };
    this.#rules.set(ruleName, state);
    return state;
  }
}

/** Returns equal shares in whole requests; the first clients get the remainder. */
export function shareOf(reservoir: number, clients: number, place: number): number {
  return Math.floor(reservoir / clients) + (place < reservoir % clients ? 1 : 0);
}

function sum(a: Totals, b: Totals): Totals {
  return {
    requests: a.requests + b.requests,
    sampled: a.sampled + b.sampled,
    borrowed: a.borrowed + b.borrowed,
  };
}
