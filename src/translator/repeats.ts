import type { Draft } from './draft.ts';
import type { ResourceParts } from './resource.ts';
import type { SpanAttributes, TranslatableSpan } from './span.ts';

/** A span that was translated, as far as its document follows from it. */
interface Said {
  readonly kind: number;
  readonly status: number;
  readonly resource: ResourceParts;
  readonly keys: readonly string[];
  readonly values: readonly unknown[];
  readonly draft: Draft;
}

/** What the last spans of a name said. */
interface Named {
  readonly said: Said[];
  /** Kept since one of them was found again. */
  keptInVain: number;
}

/** When that many names are remembered, all are forgotten, so memory has an end. */
const MAX_NAMES = 128;
/** A middleware says one thing, a query may say a few. */
const PER_NAME = 4;
/** After so many that were all different, a name is not worth a look. */
const PATIENCE = 16;
/** Characters of all keys and values; longer ones would be a lot of memory. */
const MAX_LENGTH = 4_096;
const ERROR = 2;

/**
 * Remembers the drafts of child spans, for those that come again with the same name, kind, status
 * and attributes: the same query, the same middleware, the same call of a fixed address. Only ids and
 * times of their documents differ.
 */
export class Repeats {
  readonly #byName = new Map<string, Named>();

  /** That of an earlier span, from which this one's differs in ids and times alone. */
  find(span: TranslatableSpan, resource: ResourceParts): Draft | undefined {
    const named = this.#byName.get(span.name);
    if (named === undefined || named.keptInVain === PATIENCE || !mayRepeat(span)) return undefined;
    const { said } = named;
    for (let index = 0; index < said.length; index += 1) {
      const one = said[index] as Said;
      if (!isSame(one, span, resource)) continue;
      named.keptInVain = 0;
      // What comes often moves to the front; the last place is the next one's.
      said[index] = said[Math.max(0, index - 1)] as Said;
      said[Math.max(0, index - 1)] = one;
      return one.draft;
    }
    return undefined;
  }

  /** Remembers what became of a span that {@link find} did not know. */
  keep(span: TranslatableSpan, resource: ResourceParts, draft: Draft): void {
    const named = this.#byName.get(span.name);
    // Many names come but once.
    if (named === undefined) this.#add(span.name);
    else if (named.keptInVain < PATIENCE) keepAs(named, span, resource, draft);
  }

  #add(name: string): void {
    if (this.#byName.size >= MAX_NAMES) this.#byName.clear();
    this.#byName.set(name, { said: [], keptInVain: 0 });
  }
}

function keepAs(named: Named, span: TranslatableSpan, resource: ResourceParts, draft: Draft): void {
  const attributes = span.attributes ?? {};
  const keys = Object.keys(attributes);
  const values = keys.map((key) => attributes[key]);
  named.keptInVain += 1;
  if (draft.document.in_progress || !mayRepeat(span) || !values.every(isScalar)) return;
  if (lengthOf(keys) + lengthOf(values) > MAX_LENGTH) return;
  const said = { kind: span.kind, status: span.status.code, resource, keys, values, draft };
  named.said[Math.min(named.said.length, PER_NAME - 1)] = said;
}

/** Errors have ids of their own; events and links are rarely the same. */
function mayRepeat({ status, events, links }: TranslatableSpan): boolean {
  return status.code !== ERROR && events.length === 0 && links.length === 0;
}

function isSame(said: Said, span: TranslatableSpan, resource: ResourceParts): boolean {
  return (
    said.kind === span.kind &&
    said.status === span.status.code &&
    said.resource === resource &&
    hasAttributes(span.attributes ?? {}, said)
  );
}

function hasAttributes(attributes: SpanAttributes, { keys, values }: Said): boolean {
  let index = 0;
  for (const key in attributes) {
    if (key !== keys[index] || attributes[key] !== values[index]) return false;
    index += 1;
  }
  return index === keys.length;
}

/** Lists and objects can change, or be equal without being the same. */
function isScalar(value: unknown): boolean {
  return typeof value !== 'object' || value === null;
}

function lengthOf(values: readonly unknown[]): number {
  return values.reduce(
    (sum: number, value) => sum + (typeof value === 'string' ? value.length : 8),
    0,
  );
}
