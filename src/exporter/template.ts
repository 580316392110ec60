import type { AttributeKey } from '../translator/attribute-keys.ts';
import type { Draft } from '../translator/draft.ts';
import { cheapRandomId } from '../translator/ids.ts';
import type { SpanAttributes, TranslatableSpan } from '../translator/span.ts';
import { isPresent } from '../translator/text.ts';
import type { Watch } from '../translator/watch.ts';
import { writeJson } from './json.ts';
import { ByteSink } from './sink.ts';
import { headOf, writeSaid } from './write-draft.ts';

/** The bytes of documents that differ in ids, times and what was only copied from the span. */
export interface Template {
  /** From the opening brace to where the id is written. */
  readonly head: Uint8Array;
  readonly subsegment: boolean;
  /** Of each attribute, in their order. */
  readonly slots: readonly Slot[];
  /** All but ids and times, one more than {@link values}, which go in between. */
  readonly chunks: readonly Uint8Array[];
  /** Those of the span that was filled in last. */
  readonly values: unknown[];
}

interface Slot {
  readonly name: string;
  /** The document depends on the value. */
  readonly fixed: boolean;
  readonly value: unknown;
  readonly copies: readonly Copy[];
}

/** What a value becomes in the document; `undefined` when the document would be another. */
interface Copy {
  /** Where in {@link Template.values}. */
  readonly at: number;
  readonly show: (value: unknown) => unknown;
}

type Show = Copy['show'];

/** Characters of all keys and values; longer ones would be a lot of memory. */
const MAX_LENGTH = 4_096;

/** Stands where a copy goes while a template is made; nobody can have it in an attribute. */
const MARK = `otel-xray-${cheapRandomId()}${cheapRandomId()}-`;
const MARKED = new RegExp(`"${MARK}(\\d+)"`);

/**
 * Makes a template of a span.
 *
 * It is translated twice: first to learn which values are only copied, then with marks in the place
 * of these, which show where they go.
 *
 * @returns `undefined` when another span's document does not follow from this one's
 */
export function templateOf(
  span: TranslatableSpan,
  translate: (watch: Watch) => readonly Draft[],
): Template | undefined {
  const attributes = span.attributes ?? {};
  if (Object.values(attributes).reduce(addLength, 0) > MAX_LENGTH) return undefined;
  const first = new Reading();
  const [draft, further] = translate(first);
  if (draft === undefined || further !== undefined || draft.document.in_progress) return undefined;
  const second = new Reading(first.depended);
  const [marked] = translate(second);
  if (marked === undefined || !isSameSet(first.depended, second.depended)) return undefined;
  const { chunks, order } = takenApart(marked);
  if (order.some((mark) => second.shows[mark] === undefined)) return undefined;
  const slots = Object.keys(attributes).map((name) =>
    slotOf(name, attributes[name], second, order),
  );
  const { name, type } = draft.document;
  const template: Template = {
    head: headOf(name),
    subsegment: type === 'subsegment',
    slots,
    chunks,
    values: order.map(() => undefined),
  };
  return isTrue(template, attributes, draft) ? template : undefined;
}

/**
 * Takes the values of a span over into {@link Template.values}.
 *
 * @returns `false` when its document does not follow from the template
 */
export function fill({ slots, values }: Template, attributes: SpanAttributes): boolean {
  let index = 0;
  for (const name in attributes) {
    const slot = slots[index];
    if (slot === undefined || slot.name !== name) return false;
    const value = attributes[name];
    if (slot.fixed ? !isSame(value, slot.value) : !isLike(value, slot.value)) return false;
    for (let copy = 0; copy < slot.copies.length; copy += 1) {
      const { at, show } = slot.copies[copy] as Copy;
      const shown = show(value);
      if (shown === undefined) return false;
      values[at] = shown;
    }
    index += 1;
  }
  return index === slots.length;
}

/** Writes all but ids and times, with the values that were filled in last. */
export function writeFilled(sink: ByteSink, { chunks, values }: Template): void {
  for (let index = 0; index < values.length; index += 1) {
    sink.constant(chunks[index] as Uint8Array);
    writeJson(sink, values[index]);
  }
  sink.constant(chunks[values.length] as Uint8Array);
}

/**
 * The same template for the spans that have the values of some slots as the template's span had
 * them: these become part of its bytes.
 */
export function narrowed(
  template: Template,
  isSteady: (slot: Template['slots'][number]) => boolean,
): Template {
  const steady = template.slots.filter((slot) => slot.copies.length > 0 && isSteady(slot));
  const known = new Map(
    steady.flatMap(({ value, copies }) => copies.map(({ at, show }) => [at, show(value)] as const)),
  );
  const open = template.values.map((_, at) => at).filter((at) => !known.has(at));
  const slots = template.slots.map((slot) =>
    steady.includes(slot)
      ? { ...slot, fixed: true, copies: [] }
      : { ...slot, copies: slot.copies.map(({ at, show }) => ({ at: open.indexOf(at), show })) },
  );
  return {
    ...template,
    slots,
    chunks: joined(template.chunks, known),
    values: open.map(() => undefined),
  };
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

/** How a translation read the attributes. */
class Reading implements Watch {
  /** Names. */
  readonly depended = new Set<string>();
  readonly shows: { readonly name: string; readonly show: Show }[] = [];
  readonly #known: ReadonlySet<string> | undefined;

  /** @param depended of the first reading; what is not among them becomes a mark */
  constructor(depended?: ReadonlySet<string>) {
    this.#known = depended;
  }

  depends({ name }: AttributeKey): void {
    this.depended.add(name);
  }

  copied<T>({ name }: AttributeKey, shown: T, show: Show): T {
    if (this.#known === undefined || this.#known.has(name)) return shown;
    this.shows.push({ name, show });
    return `${MARK}${this.shows.length - 1}` as T;
  }
}

/** The bytes between the marks of a draft, and which mark is where. */
function takenApart(draft: Draft): {
  readonly chunks: readonly Uint8Array[];
  readonly order: readonly number[];
} {
  const parts = saidBy(draft).toString('latin1').split(MARKED);
  const chunks = parts.filter((_, index) => index % 2 === 0);
  const order = parts.filter((_, index) => index % 2 === 1).map(Number);
  return { chunks: chunks.map((chunk) => Uint8Array.from(Buffer.from(chunk, 'latin1'))), order };
}

function saidBy(draft: Draft): Buffer {
  const sink = new ByteSink(1_024);
  writeSaid(sink, draft);
  return sink.bytes.subarray(0, sink.length);
}

function slotOf(
  name: string,
  value: unknown,
  { depended, shows }: Reading,
  order: readonly number[],
): Slot {
  const copies = order.flatMap((mark, at) => {
    const { name: from, show } = shows[mark] as Reading['shows'][number];
    return from === name ? [{ at, show }] : [];
  });
  const fixed = !isPresent(value) || depended.has(name);
  return { name, fixed, value: Array.isArray(value) ? [...value] : value, copies };
}

/** The span itself must come out of its template as it was written. */
function isTrue(template: Template, attributes: SpanAttributes, draft: Draft): boolean {
  if (!fill(template, attributes)) return false;
  const sink = new ByteSink(1_024);
  writeFilled(sink, template);
  return sink.bytes.subarray(0, sink.length).equals(saidBy(draft));
}

function isSameSet(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  return one.size === other.size && [...other].every((name) => one.has(name));
}

/** The same value; lists can change, so a copy is compared. Other objects are never the same. */
export function isSame(value: unknown, known: unknown): boolean {
  if (value === known) return typeof value !== 'object' || value === null;
  return (
    Array.isArray(value) &&
    Array.isArray(known) &&
    value.length === known.length &&
    value.every((item, index) => item === known[index] && typeof item !== 'object')
  );
}

/** Of the same type, and present as the other is. */
function isLike(value: unknown, known: unknown): boolean {
  return isSameType(value, known) && isPresent(value);
}

/** Beside a literal, `typeof` is no call. */
function isSameType(value: unknown, known: unknown): boolean {
  if (typeof value === 'string') return typeof known === 'string';
  if (typeof value === 'number') return typeof known === 'number';
  return typeof value === typeof known;
}

function addLength(sum: number, value: unknown): number {
  return sum + (typeof value === 'string' ? value.length : 8);
}
