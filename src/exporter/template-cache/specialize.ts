import type { SpanAttributes } from '../../translator/span.ts';
import { ByteSink } from '../encode/byte-writer.ts';
import { writeJson } from '../encode/json.ts';
import { fill, isSame, type Slot, type Template } from './template.ts';

/** So many spans show which of their values stay the same. */
const WINDOW = 16;

/**
 * A template, and beside it the same one with all that has been alike so far among its bytes: the
 * address of a database, the version of a protocol. What differed once is never taken for alike again.
 */
export class Narrowing {
  readonly #wide: Template;
  /** The slots of which a span had another value than the first. */
  readonly #differing = new Set<Slot>();
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
      const together = shownTogether(this.#wide, slot);
      if (together.some(({ name, value }) => !isSame(attributes[name], value))) {
        this.#differing.add(slot);
      }
    }
    this.#left -= 1;
    if (this.#left > 0) return;
    const isDone = this.#differing.size === copied.length;
    this.#narrow = isDone ? undefined : narrowed(this.#wide, (slot) => !this.#differing.has(slot));
    this.#left = isDone ? 0 : WINDOW;
  }
}

/**
 * The same template for the spans that have the values of some slots as the template's span had
 * them: these become part of its bytes.
 */
function narrowed(template: Template, isSteady: (slot: Slot) => boolean): Template {
  const steady = template.slots.filter((slot) => slot.copies.length > 0 && isSteady(slot));
  const fixed = new Set(steady.flatMap((slot) => shownTogether(template, slot)));
  const values = new Map(template.slots.map(({ name, value }) => [name, value]));
  const known = new Map(
    steady.flatMap(({ value, copies }) =>
      copies.map(({ at, show, beside }) => {
        const other = beside === undefined ? undefined : values.get(beside);
        return [at, show(value, other)] as const;
      }),
    ),
  );
  const open = template.values.map((_, at) => at).filter((at) => !known.has(at));
  const slots = template.slots.map((slot) => ({
    ...slot,
    fixed: slot.fixed || fixed.has(slot),
    copies: slot.copies
      .filter(({ at }) => !known.has(at))
      .map((copy) => ({ ...copy, at: open.indexOf(copy.at) })),
  }));
  return {
    ...template,
    slots,
    chunks: joined(template.chunks, known),
    values: open.map(() => undefined),
    ids: template.ids.map((places) => places.map((at) => open.indexOf(at))),
  };
}

/** A slot, and those that its value is shown together with. */
function shownTogether({ slots }: Template, slot: Slot): readonly Slot[] {
  const beside = slot.copies.map((copy) => copy.beside);
  return [slot, ...slots.filter(({ name }) => beside.includes(name))];
}

/** The chunks with what is known between them written out. */
function joined(
  chunks: readonly Uint8Array[],
  known: ReadonlyMap<number, unknown>,
): readonly Uint8Array[] {
  const sinks = [new ByteSink(1_024)];
  for (const [at, chunk] of chunks.entries()) {
    const sink = sinks.at(-1) as ByteSink;
    sink.constant(chunk);
    if (known.has(at)) writeJson(sink, known.get(at));
    else if (at < chunks.length - 1) sinks.push(new ByteSink(1_024));
  }
  return sinks.map(({ bytes, length }) => Uint8Array.from(bytes.subarray(0, length)));
}
