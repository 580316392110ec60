import { ByteWriter } from '../encode/byte-writer.ts';
import { writeJson } from '../encode/json.ts';
import {
  chunksOf,
  fill,
  inOrder,
  isSame,
  type OrderedTemplate,
  type Slot,
  stepsOf,
  type Template,
} from './template.ts';

/** Number of spans that show which values are constant. */
const SAMPLE_SIZE = 16;

/**
 * A template, and a faster form of it in which the values that were the same in all recent spans are
 * part of the bytes: the address of a database, the version of a protocol.
 *
 * A value that differed once is never treated as constant again.
 */
export class SpecializedTemplate {
  readonly #general: Template;
  /**
   * Slots whose values always equaled those of the template's span, with the slots that are
   * rendered together with them.
   */
  #constant: readonly (readonly Slot[])[];
  #specialized: Template | undefined;
  #ordered: OrderedTemplate | undefined;
  /** Slots that are constant in the specialized template. */
  #specializedFor: number;
  /** Spans until the next specialization; 0 if no slot is constant. */
  #samplesLeft = SAMPLE_SIZE;

  constructor(template: Template) {
    this.#general = template;
    this.#constant = template.slots
      .filter(({ copies }) => copies.length > 0)
      .map((slot) => pairedSlots(template, slot));
    this.#specializedFor = 0;
    if (this.#constant.length > 0) return;
    this.#samplesLeft = 0;
    this.#ordered = inOrder(template);
  }

  /** The form to try first; `undefined` while the first spans are observed. */
  get ordered(): OrderedTemplate | undefined {
    return this.#ordered;
  }

  /**
   * Fills in the values of a span.
   *
   * @returns the filled template; `undefined` if the document does not follow from it
   */
  match(attributes: readonly unknown[]): Template | undefined {
    if (this.#specialized !== undefined && fill(this.#specialized, attributes)) {
      return this.#specialized;
    }
    if (!fill(this.#general, attributes)) return undefined;
    if (this.#samplesLeft > 0) this.#observe(attributes);
    return this.#general;
  }

  #observe(attributes: readonly unknown[]): void {
    const constant = this.#constant;
    for (let index = 0; index < constant.length; index += 1) {
      if (isUnchanged(constant[index] as readonly Slot[], attributes)) continue;
      this.#constant = constant.filter((slots) => isUnchanged(slots, attributes));
      break;
    }
    this.#samplesLeft -= 1;
    if (this.#samplesLeft > 0) return;
    const { length } = this.#constant;
    if (length !== this.#specializedFor) {
      this.#specialized = length === 0 ? undefined : specialize(this.#general, this.#constant);
      this.#specializedFor = length;
    }
    this.#ordered = inOrder(this.#specialized ?? this.#general);
    this.#samplesLeft = length === 0 ? 0 : SAMPLE_SIZE;
  }
}

function isUnchanged(slots: readonly Slot[], attributes: readonly unknown[]): boolean {
  for (let position = 0; position < slots.length; position += 1) {
    const { index, value } = slots[position] as Slot;
    if (!isSame(attributes[index], value)) return false;
  }
  return true;
}

/**
 * Returns the template for spans in which the values of some slots are those of the template's span.
 *
 * @param constantSlots each such slot, followed by the slots that are rendered together with it
 */
function specialize(template: Template, constantSlots: readonly (readonly Slot[])[]): Template {
  const constant = constantSlots.map(([slot]) => slot as Slot);
  const fixed = new Set(constantSlots.flat());
  const valueAt = new Map(template.slots.map(({ index, value }) => [index, value]));
  const constants = new Map(
    constant.flatMap(({ value, copies }) =>
      copies.map(({ at, render, pairedWith }) => {
        const paired = pairedWith === undefined ? undefined : valueAt.get(pairedWith);
        return [at, render(value, paired)] as const;
      }),
    ),
  );
  const gaps = template.chunks.slice(1).map((_, at) => at);
  const variable = gaps.filter((at) => !constants.has(at));
  const slots = template.slots.map((slot) => ({
    ...slot,
    fixed: slot.fixed || fixed.has(slot),
    copies: slot.copies
      .filter(({ at }) => !constants.has(at))
      .map((copy) => ({ ...copy, at: variable.indexOf(copy.at) })),
  }));
  return {
    ...template,
    slots,
    steps: stepsOf(slots),
    chunks: inlineConstants(template, constants),
    ids: template.ids.map((positions) => positions.map((at) => variable.indexOf(at))),
  };
}

/** Returns a slot and the slots that are rendered together with it. */
function pairedSlots({ slots }: Template, slot: Slot): readonly Slot[] {
  const paired = slot.copies.map(({ pairedWith }) => pairedWith);
  return [slot, ...slots.filter(({ index }) => paired.includes(index))];
}

const scratch = new ByteWriter(4_096);

/** Returns the chunks with the constants written into their gaps. */
function inlineConstants(
  { chunks }: Template,
  constants: ReadonlyMap<number, unknown>,
): readonly Uint8Array[] {
  scratch.length = 0;
  const left: number[] = [];
  for (const [index, chunk] of chunks.entries()) {
    const at = index - 1;
    if (constants.has(at)) writeJson(scratch, constants.get(at));
    else if (index > 0) left.push(scratch.length);
    scratch.writeBytes(chunk);
  }
  return chunksOf(new Uint8Array(scratch.bytes.subarray(0, scratch.length)), left);
}
