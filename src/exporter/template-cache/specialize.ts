import type { SpanAttributes } from '../../translator/span.ts';
import { ByteWriter } from '../encode/byte-writer.ts';
import { writeJson } from '../encode/json.ts';
import { fill, isSame, type Slot, type Template } from './template.ts';

/** So many spans show which of their values stay the same. */
const SAMPLE_SIZE = 16;

/**
 * A template, and beside it the same one with all that has been alike so far among its bytes: the
 * address of a database, the version of a protocol. What differed once is never taken for alike again.
 */
export class SpecializedTemplate {
  readonly #wide: Template;
  /** The slots of which a span had another value than the first. */
  readonly #differing = new Set<Slot>();
  #specialized: Template | undefined;
  /** Spans until the next look; none when there is nothing left to narrow. */
  #left = SAMPLE_SIZE;

  constructor(template: Template) {
    this.#wide = template;
  }

  /** The template that a span's values were filled into; `undefined` when they fit none. */
  match(attributes: SpanAttributes): Template | undefined {
    if (this.#specialized !== undefined && fill(this.#specialized, attributes))
      return this.#specialized;
    if (!fill(this.#wide, attributes)) return undefined;
    if (this.#left > 0) this.#observe(attributes);
    return this.#wide;
  }

  #observe(attributes: SpanAttributes): void {
    const copied = this.#wide.slots.filter(({ copies }) => copies.length > 0);
    for (const slot of copied) {
      const together = pairedSlots(this.#wide, slot);
      if (together.some(({ name, value }) => !isSame(attributes[name], value))) {
        this.#differing.add(slot);
      }
    }
    this.#left -= 1;
    if (this.#left > 0) return;
    const isDone = this.#differing.size === copied.length;
    this.#specialized = isDone
      ? undefined
      : specialize(this.#wide, (slot) => !this.#differing.has(slot));
    this.#left = isDone ? 0 : SAMPLE_SIZE;
  }
}

/**
 * The same template for the spans that have the values of some slots as the template's span had
 * them: these become part of its bytes.
 */
function specialize(template: Template, isConstant: (slot: Slot) => boolean): Template {
  const steady = template.slots.filter((slot) => slot.copies.length > 0 && isConstant(slot));
  const fixed = new Set(steady.flatMap((slot) => pairedSlots(template, slot)));
  const values = new Map(template.slots.map(({ name, value }) => [name, value]));
  const known = new Map(
    steady.flatMap(({ value, copies }) =>
      copies.map(({ at, render, pairedWith }) => {
        const other = pairedWith === undefined ? undefined : values.get(pairedWith);
        return [at, render(value, other)] as const;
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
    chunks: inlineConstants(template.chunks, known),
    values: open.map(() => undefined),
    ids: template.ids.map((places) => places.map((at) => open.indexOf(at))),
  };
}

/** A slot, and those that its value is shown together with. */
function pairedSlots({ slots }: Template, slot: Slot): readonly Slot[] {
  const pairedWith = slot.copies.map((copy) => copy.pairedWith);
  return [slot, ...slots.filter(({ name }) => pairedWith.includes(name))];
}

/** The chunks with what is known between them written out. */
function inlineConstants(
  chunks: readonly Uint8Array[],
  known: ReadonlyMap<number, unknown>,
): readonly Uint8Array[] {
  const sinks = [new ByteWriter(1_024)];
  for (const [at, chunk] of chunks.entries()) {
    const out = sinks.at(-1) as ByteWriter;
    out.writeBytes(chunk);
    if (known.has(at)) writeJson(out, known.get(at));
    else if (at < chunks.length - 1) sinks.push(new ByteWriter(1_024));
  }
  return sinks.map(({ bytes, length }) => Uint8Array.from(bytes.subarray(0, length)));
}
