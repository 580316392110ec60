import type { SpanAttributes } from '../translator/span.ts';
import { fill, isSame, narrowed, type Template } from './template.ts';

/** So many spans show which of their values stay the same. */
const WINDOW = 16;

/**
 * A template, and beside it the same one with all that has been alike so far among its bytes: the
 * address of a database, the version of a protocol. What differed once is never taken for alike again.
 */
export class Narrowing {
  readonly #wide: Template;
  /** The slots of which a span had another value than the first. */
  readonly #differing = new Set<Template['slots'][number]>();
  #narrow: Template | undefined;
  /** Spans until the next look; none when there is nothing left to narrow. */
  #left = WINDOW;

  constructor(template: Template) {
    this.#wide = template;
  }

  /** The template that a span's values were filled into; `undefined` when they fit none. */
  filled(attributes: SpanAttributes): Template | undefined {
    if (this.#narrow !== undefined && fill(this.#narrow, attributes)) return this.#narrow;
    if (!fill(this.#wide, attributes)) return undefined;
    if (this.#left > 0) this.#learn(attributes);
    return this.#wide;
  }

  #learn(attributes: SpanAttributes): void {
    const copied = this.#wide.slots.filter(({ copies }) => copies.length > 0);
    for (const slot of copied) {
      if (!isSame(attributes[slot.name], slot.value)) this.#differing.add(slot);
    }
    this.#left -= 1;
    if (this.#left > 0) return;
    const isDone = this.#differing.size === copied.length;
    this.#narrow = isDone ? undefined : narrowed(this.#wide, (slot) => !this.#differing.has(slot));
    this.#left = isDone ? 0 : WINDOW;
  }
}
