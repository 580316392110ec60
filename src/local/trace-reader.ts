import { matches } from './filter/matches.ts';
import { type GroupLookup, parseFilter } from './filter/parse.ts';
import { indexTrace } from './filter/trace-index.ts';
import type { Store } from './store/store.ts';
import { assemble } from './trace/assemble.ts';
import { type LocalTrace, localTrace } from './trace-view.ts';

type Matcher = (trace: { readonly id: string }) => boolean;

/** Reads traces from the store. */
export class TraceReader {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  trace(id: string): LocalTrace | undefined {
    const stored = this.#store.trace(id);
    return stored && localTrace(stored);
  }

  /** Returns the traces that match, in order of arrival. */
  traces(isWanted: Matcher = () => true): readonly LocalTrace[] {
    return this.#store
      .traceIds()
      .filter((id) => isWanted({ id }))
      .map((id) => this.trace(id) as LocalTrace);
  }

  /**
   * Returns a function that tells whether a trace matches a filter expression.
   *
   * @param groups returns the filter expression of a group
   * @throws {FilterError} when X-Ray would refuse the expression
   */
  matcher(filter: string, groups: GroupLookup): Matcher {
    const expression = parseFilter(filter, groups);
    return ({ id }) => {
      const stored = this.#store.trace(id);
      return (
        stored !== undefined && matches(expression, indexTrace(assemble(id, stored.documents)))
      );
    };
  }
}
