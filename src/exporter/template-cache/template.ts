import type { Render } from '../../translator/context/access-recorder.ts';
import type { SpanAttributes } from '../../translator/span.ts';
import { copySegmentId } from '../../translator/values/ids.ts';
import { isPresent } from '../../translator/values/text.ts';
import type { ByteWriter } from '../encode/byte-writer.ts';
import { type DocumentHead, writeHead } from '../encode/document-head.ts';
import { writeJson } from '../encode/json.ts';
import type { RootFields } from '../encode/written-document.ts';

/** The bytes of documents that differ only in ids, times and values copied from the span. */
export interface Template {
  /** From the opening brace to the start time. */
  readonly head: DocumentHead;
  readonly subsegment: boolean;
  /** One for each attribute of the span, in their order. */
  readonly slots: readonly Slot[];
  /** What {@link fill} does for the slots: see {@link stepsOf}. */
  readonly steps: readonly unknown[];
  /** Everything after the times, cut where the values go: one chunk more than there are gaps. */
  readonly chunks: readonly Uint8Array[];
  /** Positions of exception ids: for each id, its positions among the gaps. */
  readonly ids: readonly (readonly number[])[];
  readonly randomId: () => string;
}

/** An attribute of the spans that a template is for. */
export interface Slot {
  readonly name: string;
  /** Position of the attribute in the span. */
  readonly index: number;
  /** The document depends on the value, so the template applies only to this value. */
  readonly fixed: boolean;
  readonly value: unknown;
  readonly copies: readonly Copy[];
}

/** A position in the document at which the value of an attribute is written. */
export interface Copy {
  /** Position among the gaps of the template. */
  readonly at: number;
  /** Returns the text to write, or `undefined` if the document has another form for this value. */
  readonly render: Render;
  /** Position of the attribute that is rendered together with this one; `undefined` if none. */
  readonly pairedWith: number | undefined;
}

/** Cells of a step: attribute, expected value, gap, `render`, paired attribute. */
const STEP = 5;
/** In place of a gap: the value must be the same, or equivalent. */
const SAME = -1;
const LIKE = -2;
/** In place of an expected value: an earlier step has already compared it. */
const CHECKED: unique symbol = Symbol('checked');

/**
 * Returns the slots as one flat list, {@link STEP} cells for each check or copy. There are many
 * templates, most of them not in the CPU cache, and one list is faster to read than scattered
 * objects.
 */
export function stepsOf(slots: readonly Slot[]): readonly unknown[] {
  const checks = slots.filter(({ fixed }) => fixed);
  const others = slots.filter(({ fixed }) => !fixed);
  return [
    // The values that select a template come first.
    ...checks.flatMap(({ index, value, copies }) => [
      ...[index, value, SAME, undefined, undefined],
      ...copiesOf(index, CHECKED, copies),
    ]),
    ...others.flatMap(({ index, value, copies }) =>
      copies.length === 0
        ? [index, value, LIKE, undefined, undefined]
        : copiesOf(index, value, copies),
    ),
  ];
}

function copiesOf(index: number, expected: unknown, copies: readonly Copy[]): readonly unknown[] {
  return copies.flatMap(({ at, render, pairedWith }) => [index, expected, at, render, pairedWith]);
}

/** The values for the gaps of the template that was filled in last. */
const filled: unknown[] = [];

/**
 * Fills the values of a span into a template. {@link writeFilled} must follow, before the next one.
 *
 * @param attributes the values in the order of the span's keys, which are those of the template
 * @returns `false` if the span's document cannot be derived from the template
 */
export function fill(template: Template, attributes: readonly unknown[]): boolean {
  const { steps, ids } = template;
  for (let cell = 0; cell < steps.length; cell += STEP) {
    const value = attributes[steps[cell] as number];
    const expected = steps[cell + 1];
    const at = steps[cell + 2] as number;
    if (expected !== CHECKED) {
      if (at === SAME ? !isSame(value, expected) : !isLike(value, expected)) return false;
      if (at < 0) continue;
    }
    const render = steps[cell + 3] as Render;
    const paired = steps[cell + 4] as number | undefined;
    const shown = render(value, paired === undefined ? undefined : attributes[paired]);
    if (shown === undefined) return false;
    filled[at] = shown;
  }
  if (ids.length > 0) fillIds(template);
  return true;
}

/** A template and its attributes in their order, for {@link fillInOrder}. */
export interface OrderedTemplate {
  readonly template: Template;
  readonly names: readonly string[];
  /** For each attribute: the value that needs no further check, or {@link UNUSUAL}. */
  readonly usual: readonly unknown[];
}

/** In place of a usual value: every value is checked or copied as its slot says. */
const UNUSUAL: unique symbol = Symbol('unusual');

export function inOrder(template: Template): OrderedTemplate {
  const { slots } = template;
  return {
    template,
    names: slots.map(({ name }) => name),
    usual: slots.map(({ value, copies }) =>
      copies.length > 0 || typeof value === 'object' ? UNUSUAL : value,
    ),
  };
}

/**
 * Does the same as {@link fill}, and compares the keys in the same pass. {@link writeFilled} must follow
 * if it returns `true`.
 *
 * @returns `false` if the span has other keys, or its document cannot be derived from the template
 */
export function fillInOrder(
  { template, names, usual }: OrderedTemplate,
  attributes: SpanAttributes,
): boolean {
  const { length } = names;
  let index = 0;
  for (const key in attributes) {
    if (index === length || names[index] !== key) return false;
    const value = attributes[key];
    if (!isEqual(value, usual[index])) {
      if (!fillSlot(template.slots[index] as Slot, value, attributes, names)) return false;
    }
    index += 1;
  }
  if (index < length) return false;
  if (template.ids.length > 0) fillIds(template);
  return true;
}

/** Comparing two values of one type compiles to faster code than comparing any two. */
function isEqual(value: unknown, expected: unknown): boolean {
  if (typeof value === 'string') return typeof expected === 'string' && value === expected;
  return value === expected;
}

function fillSlot(
  { fixed, value: expected, copies }: Slot,
  value: unknown,
  attributes: SpanAttributes,
  names: readonly string[],
): boolean {
  if (fixed ? !isSame(value, expected) : !isLike(value, expected)) return false;
  for (let index = 0; index < copies.length; index += 1) {
    const { at, render, pairedWith } = copies[index] as Copy;
    const paired = pairedWith === undefined ? undefined : attributes[names[pairedWith] as string];
    const shown = render(value, paired);
    if (shown === undefined) return false;
    filled[at] = shown;
  }
  return true;
}

/** Clears the values, so that an unfilled gap is detected. */
export function clearFilled(): void {
  filled.length = 0;
}

/** Every document gets new ids for its exceptions. */
function fillIds({ ids, randomId }: Template): void {
  for (const positions of ids) fillId(positions, randomId());
}

export function fillId(positions: readonly number[], id: string): void {
  for (const at of positions) filled[at] = id;
}

/**
 * Writes the document of the span that was filled in last, without its closing brace.
 *
 * @param root the fields of an outermost document; `undefined` for one that goes inside another, and for
 *   one whose place is not known yet
 * @returns the id of the document; `undefined` if the span id is invalid, and nothing is written then
 */
export function writeTemplate(
  out: ByteWriter,
  template: Template,
  spanId: unknown,
  startMicros: number,
  endMicros: number,
  root: RootFields | undefined,
): string | undefined {
  const start = out.length;
  const { head } = template;
  writeHead(out, head, startMicros, endMicros, root);
  const id = copySegmentId(out.bytes, start + head.idAt, spanId);
  if (id === undefined) out.length = start;
  else writeFilled(out, template);
  return id;
}

/** Writes everything after the times. */
export function writeFilled(out: ByteWriter, { chunks }: Template): void {
  out.writeBytes(chunks[0] as Uint8Array);
  for (let index = 1; index < chunks.length; index += 1) {
    writeJson(out, filled[index - 1]);
    out.writeBytes(chunks[index] as Uint8Array);
  }
}

/**
 * Cuts bytes at the gaps. The chunks share the memory of `bytes`, so that they lie next to each other.
 *
 * @param gaps offsets in ascending order
 */
export function chunksOf(bytes: Uint8Array, gaps: readonly number[]): readonly Uint8Array[] {
  return [...gaps, bytes.length].map((end, index) => bytes.subarray(gaps[index - 1] ?? 0, end));
}

/**
 * Compares scalars and lists of scalars. Other objects are never equal, because they can change.
 */
export function isSame(value: unknown, expected: unknown): boolean {
  if (value === expected) return typeof value !== 'object' || value === null;
  return Array.isArray(value) && Array.isArray(expected) && isSameList(value, expected);
}

function isSameList(list: readonly unknown[], expected: readonly unknown[]): boolean {
  if (list.length !== expected.length) return false;
  for (let index = 0; index < list.length; index += 1) {
    const item = list[index];
    if (item !== expected[index] || typeof item === 'object') return false;
  }
  return true;
}

/** Returns whether the value has the same type, and is present like the expected one. */
function isLike(value: unknown, expected: unknown): boolean {
  return isSameType(value, expected) && isPresent(value);
}

/** `typeof` beside a literal compiles to a check of the type, without a call. */
function isSameType(value: unknown, expected: unknown): boolean {
  if (typeof value === 'string') return typeof expected === 'string';
  if (typeof value === 'number') return typeof expected === 'number';
  return typeof value === typeof expected;
}
