import type { Context } from '@opentelemetry/api';

/**
 * Returns a key of contexts: the same one for the same description, because several copies of a package
 * must find each other's values.
 */
export function createContextKey(description: string): symbol {
  return Symbol.for(description);
}

/**
 * A context that refers to the one it was made of. Those of the API copy a map for each value and make
 * three functions for each context: half a kilobyte.
 *
 * No context refers to a value that another one has replaced: contexts inside each other would keep
 * all their spans.
 */
class LinkedContext implements Context {
  readonly #outer: LinkedContext | undefined;
  readonly #key: symbol | undefined;
  readonly #value: unknown;

  constructor(outer?: LinkedContext, key?: symbol, value?: unknown) {
    this.#outer = outer;
    this.#key = key;
    this.#value = value;
  }

  getValue(key: symbol): unknown {
    const found = this.#find(key);
    return found === undefined ? undefined : found.#value;
  }

  setValue(key: symbol, value: unknown): Context {
    return new LinkedContext(this.#without(key), key, value);
  }

  deleteValue(key: symbol): Context {
    return this.#without(key);
  }

  #find(key: symbol): LinkedContext | undefined {
    let at: LinkedContext | undefined = this;
    while (at !== undefined && at.#key !== key) at = at.#outer;
    return at;
  }

  #without(key: symbol): LinkedContext {
    const found = this.#find(key);
    if (found === undefined || found.#outer === undefined) return this;
    const kept: LinkedContext[] = [];
    for (let at: LinkedContext = this; at !== found; at = at.#outer as LinkedContext) kept.push(at);
    return kept.reduceRight<LinkedContext>(
      (outer, inner) => new LinkedContext(outer, inner.#key, inner.#value),
      found.#outer,
    );
  }
}

/** The context without values. */
export const ROOT_CONTEXT: Context = new LinkedContext();
