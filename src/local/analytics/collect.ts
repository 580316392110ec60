import { EVERYTHING, type Expression } from '../filter/expression.ts';
import { matches } from '../filter/matches.ts';
import { prefilter } from '../filter/prefilter.ts';
import { indexTrace } from '../filter/trace-index.ts';
import { refreshed, yielder } from '../search.ts';
import type { Page } from '../store/query.ts';
import type { Store } from '../store/store.ts';
import { assemble } from '../trace/assemble.ts';
import { type Analytics, TraceAnalyzer } from './analytics.ts';

const ROWS = 1_000;

/**
 * Analyzes the traces of a time range that match. Reads the index of the store; documents only
 * where the index cannot tell whether a trace matches. Lets other work go on in between.
 */
export async function analyze(
  store: Store,
  input: {
    /** Epoch seconds, `[from, to)`. */
    readonly from: number;
    readonly to: number;
    readonly expression: Expression;
    readonly by: string;
  },
): Promise<Analytics> {
  const { from, to, expression, by } = input;
  await refreshed(store);
  const condition = expression === EVERYTHING ? undefined : prefilter(expression);
  const isCertain = condition === undefined || (condition.exact && !store.hasOverflow);
  const pause = yielder();
  const analyzer = new TraceAnalyzer(by);
  let after: Page | undefined;
  for (;;) {
    const rows = store.indexRows({ from, to, by: 'start', condition }, after, ROWS);
    for (const row of rows) {
      await pause();
      after = row;
      if (!isCertain && !isMatch(store, row.id, expression)) continue;
      analyzer.add(row);
    }
    if (rows.length < ROWS) break;
  }
  await pause();
  return analyzer.result();
}

function isMatch(store: Store, id: string, expression: Expression): boolean {
  const stored = store.trace(id);
  return stored !== undefined && matches(expression, indexTrace(assemble(id, stored.documents)));
}
