import type { Render } from '../../translator/context/access-recorder.ts';
import type { FinishedEnvelope } from '../../translator/context/envelope.ts';
import type { SpanAttributes } from '../../translator/span.ts';
import { isPresent } from '../../translator/values/text.ts';
import type { ByteWriter } from '../encode/byte-writer.ts';
import { writeJson } from '../encode/json.ts';
import { writeTimes } from '../encode/write-document.ts';
import type { WrittenDocument } from '../encode/written-document.ts';

const QUOTE = 34;

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
  /** Where in {@link values} an id of an exception goes: the places of each. */
  readonly ids: readonly (readonly number[])[];
  readonly randomId: () => string;
}

/** What is known of an attribute. */
export interface Slot {
  readonly name: string;
  /** The document depends on the value. */
  readonly fixed: boolean;
  readonly value: unknown;
  readonly copies: readonly Copy[];
}

/** What a value becomes in the document; `undefined` when the document would be another. */
export interface Copy {
  /** Where in {@link Template.values}. */
  readonly at: number;
  readonly render: Render;
  /** Name of the attribute that it is shown together with. */
  readonly pairedWith: string | undefined;
}

/**
 * Takes the values of a span over into {@link Template.values}.
 *
 * @returns `false` when its document does not follow from the template
 */
export function fill(template: Template, attributes: SpanAttributes): boolean {
  const { slots, values, ids } = template;
  let index = 0;
  for (const name in attributes) {
    const slot = slots[index];
    if (slot === undefined || slot.name !== name) return false;
    const value = attributes[name];
    if (slot.fixed ? !isSame(value, slot.value) : !isLike(value, slot.value)) return false;
    for (let copy = 0; copy < slot.copies.length; copy += 1) {
      const { at, render, pairedWith } = slot.copies[copy] as Copy;
      const shown = render(value, pairedWith === undefined ? undefined : attributes[pairedWith]);
      if (shown === undefined) return false;
      values[at] = shown;
    }
    index += 1;
  }
  if (ids.length > 0) fillIds(template);
  return index === slots.length;
}

/** The exceptions of each document have ids of their own. */
function fillIds({ values, ids, randomId }: Template): void {
  for (const places of ids) {
    const id = randomId();
    for (const at of places) values[at] = id;
  }
}

/** Writes the document of a span whose values were taken over by {@link fill}. */
export function writeTemplate(
  out: ByteWriter,
  template: Template,
  { id, traceId, startMicros, endMicros }: FinishedEnvelope,
  parentId: string | undefined,
): WrittenDocument {
  const start = out.length;
  out.writeBytes(template.head);
  out.writeAscii(id);
  out.writeByte(QUOTE);
  const middle = out.length;
  writeTimes(out, startMicros, endMicros);
  writeFilled(out, template);
  const { subsegment } = template;
  return { id, traceId, parentId, subsegment, finished: true, start, middle, end: out.length };
}

/** Writes all but ids and times, with the values that were filled in last. */
export function writeFilled(out: ByteWriter, { chunks, values }: Template): void {
  for (let index = 0; index < values.length; index += 1) {
    out.writeBytes(chunks[index] as Uint8Array);
    writeJson(out, values[index]);
  }
  out.writeBytes(chunks[values.length] as Uint8Array);
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
