import type { AttributeObserver, Render } from '../../translator/context/access-recorder.ts';
import type { AttributeKey } from '../../translator/context/attribute-keys.ts';
import { settingsOf, type TranslatorOptions } from '../../translator/context/options.ts';
import { toPartialDocuments } from '../../translator/index.ts';
import type { PartialDocument } from '../../translator/partial-document.ts';
import type { TranslatableSpan } from '../../translator/span.ts';
import { randomSegmentId } from '../../translator/values/ids.ts';
import { isPresent } from '../../translator/values/text.ts';
import { ByteWriter } from '../encode/byte-writer.ts';
import { headFor } from '../encode/document-head.ts';
import { writeBody } from '../encode/write-document.ts';
import {
  type Copy,
  chunksOf,
  clearFilled,
  fill,
  fillId,
  type Slot,
  stepsOf,
  type Template,
  writeFilled,
} from './template.ts';

/** Maximum length of all values together; longer ones would take too much memory. */
const MAX_LENGTH = 4_096;

/** Placeholder for a value of the span. It is random, so no attribute contains it. */
const PLACEHOLDER = `otel-xray-${randomSegmentId()}${randomSegmentId()}-`;
/** Captures the number of a copy, or the number of an id. */
const PLACEHOLDER_PATTERN = new RegExp(`"${PLACEHOLDER}((?:id)?\\d+)"`);

/** Creates templates from spans. */
export class TemplateCompiler {
  readonly #options: TranslatorOptions;
  readonly #randomId: () => string;
  /** Ids created by the current translation. */
  #ids = 0;

  constructor(options: TranslatorOptions) {
    this.#randomId = settingsOf(options).randomId;
    this.#options = {
      ...options,
      randomId: () => this.#placeholderId(),
      // The translation of the span itself has warned already.
      onWarning: () => {},
      onDrop: () => {},
    };
  }

  /**
   * Creates a template from a span.
   *
   * The span is translated twice: first to find the values that are only copied, then with
   * placeholders for these values, to find their positions.
   *
   * @returns `undefined` if the documents of similar spans cannot be derived from this one
   */
  compile(span: TranslatableSpan): Template | undefined {
    if (lengthOf(span) > MAX_LENGTH) return undefined;
    const first = new AccessLog();
    const [partial, second] = this.#translate(span, first);
    first.close();
    if (partial === undefined || second !== undefined) return undefined;
    if (partial.document.in_progress) return undefined;
    const log = new AccessLog(first.read);
    const [withPlaceholders] = this.#translate(span, log);
    log.close();
    if (withPlaceholders === undefined || !isSameSet(first.read, log.read)) return undefined;
    const { chunks, placeholders } = splitAtPlaceholders(withPlaceholders);
    if (placeholders.some((name) => !isId(name) && log.copies[Number(name)] === undefined)) {
      return undefined;
    }
    const entries = Object.entries(span.attributes ?? {});
    const slots = entries.map((_, index) => slotOf(entries, index, log, placeholders));
    const template: Template = {
      head: headFor(partial.document.name),
      subsegment: partial.document.type === 'subsegment',
      slots,
      steps: stepsOf(slots),
      chunks,
      ids: positionsOfIds(placeholders),
      randomId: this.#randomId,
    };
    const values = entries.map(([, value]) => value);
    return roundTrips(template, values, partial, placeholders) ? template : undefined;
  }

  #translate(span: TranslatableSpan, log: AccessLog): readonly PartialDocument[] {
    this.#ids = 0;
    return toPartialDocuments(span, this.#options, log);
  }

  #placeholderId(): string {
    this.#ids += 1;
    return `${PLACEHOLDER}id${this.#ids}`;
  }
}

/** A value that a translation copied into the document. */
interface LoggedCopy {
  readonly name: string;
  readonly render: Render;
  readonly pairedWith: string | undefined;
}

/** Records how a translation reads the attributes. */
class AccessLog implements AttributeObserver {
  /** Names of the attributes on whose values the document depends. */
  readonly read = new Set<string>();
  readonly copies: LoggedCopy[] = [];
  /** Names of attributes that are shown together. */
  readonly #pairs: (readonly [string, string])[] = [];
  readonly #readBefore: ReadonlySet<string> | undefined;

  /** @param readBefore `read` of the first translation: copies of all others become placeholders */
  constructor(readBefore?: ReadonlySet<string>) {
    this.#readBefore = readBefore;
  }

  onRead({ name }: AttributeKey): void {
    this.read.add(name);
  }

  onCopy<T>({ name }: AttributeKey, shown: T, render: Render, paired?: AttributeKey): T {
    const pairedWith = paired?.name;
    if (pairedWith !== undefined) this.#pairs.push([name, pairedWith]);
    if (this.#readBefore === undefined || this.#readBefore.has(name)) return shown;
    this.copies.push({ name, render, pairedWith });
    return `${PLACEHOLDER}${this.copies.length - 1}` as T;
  }

  /** Ends the log: if the document depends on one of a pair, it depends on both. */
  close(): void {
    for (const pair of this.#pairs) {
      if (!pair.some((name) => this.read.has(name))) continue;
      for (const name of pair) this.read.add(name);
    }
  }
}

/** Returns a document without its placeholders, and the position and meaning of each. */
function splitAtPlaceholders(partial: PartialDocument): {
  readonly chunks: readonly Uint8Array[];
  readonly placeholders: readonly string[];
} {
  // One Latin-1 character for each byte, so offsets in the text are offsets in the bytes.
  const parts = bodyOf(partial).toString('latin1').split(PLACEHOLDER_PATTERN);
  const gaps: number[] = [];
  const placeholders: string[] = [];
  let text = '';
  for (const [index, part] of parts.entries()) {
    if (index % 2 === 0) text += part;
    else {
      gaps.push(text.length);
      placeholders.push(part);
    }
  }
  return { chunks: chunksOf(new Uint8Array(Buffer.from(text, 'latin1')), gaps), placeholders };
}

function isId(placeholder: string): boolean {
  return placeholder.startsWith('id');
}

/** Returns the positions of each id: that of an exception is also in the exception it caused. */
function positionsOfIds(placeholders: readonly string[]): Template['ids'] {
  const ids = new Set(placeholders.filter(isId));
  return [...ids].map((id) => placeholders.flatMap((name, at) => (name === id ? [at] : [])));
}

const scratch = new ByteWriter(4_096);
const written = new ByteWriter(4_096);

/** Returns the body of a document; the next call overwrites it. */
function bodyOf(partial: PartialDocument): Buffer {
  scratch.length = 0;
  writeBody(scratch, partial);
  return scratch.bytes.subarray(0, scratch.length);
}

function slotOf(
  entries: readonly (readonly [name: string, value: unknown])[],
  index: number,
  log: AccessLog,
  placeholders: readonly string[],
): Slot {
  const [name, value] = entries[index] as readonly [string, unknown];
  const copies = placeholders.flatMap((placeholder, at): Copy[] => {
    const copy = isId(placeholder) ? undefined : log.copies[Number(placeholder)];
    if (copy?.name !== name) return [];
    const paired = entries.findIndex(([other]) => other === copy.pairedWith);
    return [{ at, render: copy.render, pairedWith: paired === -1 ? undefined : paired }];
  });
  const fixed = !isPresent(value) || log.read.has(name);
  return { name, index, fixed, value: Array.isArray(value) ? [...value] : value, copies };
}

/** Returns whether the template produces the same document as the translator for the same span. */
function roundTrips(
  template: Template,
  values: readonly unknown[],
  partial: PartialDocument,
  placeholders: readonly string[],
): boolean {
  clearFilled();
  if (!fill(template, values)) return false;
  for (const [at, placeholder] of placeholders.entries()) {
    if (isId(placeholder)) fillId([at], `${PLACEHOLDER}${placeholder}`);
  }
  const out = written;
  out.length = 0;
  writeFilled(out, template);
  return out.bytes.subarray(0, out.length).equals(bodyOf(partial));
}

function isSameSet(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  return one.size === other.size && [...other].every((name) => one.has(name));
}

function lengthOf({ attributes, events }: TranslatableSpan): number {
  return [attributes, ...events.map((event) => event.attributes)]
    .flatMap((each) => Object.values(each ?? {}))
    .reduce<number>((sum, value) => sum + (typeof value === 'string' ? value.length : 8), 0);
}
