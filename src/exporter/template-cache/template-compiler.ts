import type { AttributeObserver, Render } from '../../translator/context/access-recorder.ts';
import type { AttributeKey } from '../../translator/context/attribute-keys.ts';
import { settingsOf, type TranslatorOptions } from '../../translator/context/options.ts';
import { toPartialDocuments } from '../../translator/index.ts';
import type { PartialDocument } from '../../translator/partial-document.ts';
import type { TranslatableSpan } from '../../translator/span.ts';
import { randomSegmentId } from '../../translator/values/ids.ts';
import { isPresent } from '../../translator/values/text.ts';
import { ByteWriter } from '../encode/byte-writer.ts';
import { prefixFor, writeBody } from '../encode/write-document.ts';
import { type Copy, fill, type Slot, type Template, writeFilled } from './template.ts';

/** Characters of all keys and values; longer ones would be a lot of memory. */
const MAX_LENGTH = 4_096;

/** Stands where something of a span's own goes; nobody can have it in an attribute. */
const PLACEHOLDER = `otel-xray-${randomSegmentId()}${randomSegmentId()}-`;
/** The number of a copy, or that of an id. */
const PLACEHOLDER_PATTERN = new RegExp(`"${PLACEHOLDER}((?:id)?\\d+)"`);

/** Makes templates of spans. */
export class TemplateCompiler {
  readonly #marking: TranslatorOptions;
  readonly #randomId: () => string;
  /** Ids of the present translation. */
  #ids = 0;

  constructor(options: TranslatorOptions) {
    this.#randomId = settingsOf(options).randomId;
    // What is to be said was said when the span was written.
    this.#marking = {
      ...options,
      randomId: () => this.#markedId(),
      onWarning: () => {},
      onDrop: () => {},
    };
  }

  /**
   * Makes a template of a span.
   *
   * It is translated twice: first to learn which values are only copied, then with marks in the
   * place of these, which show where they go.
   *
   * @returns `undefined` when another span's document does not follow from this one's
   */
  compile(span: TranslatableSpan): Template | undefined {
    if (lengthOf(span) > MAX_LENGTH) return undefined;
    const first = new AccessLog();
    const [draft, further] = this.#translate(span, first);
    first.settle();
    if (draft === undefined || further !== undefined || draft.document.in_progress)
      return undefined;
    const second = new AccessLog(first.depended);
    const [marked] = this.#translate(span, second);
    second.settle();
    if (marked === undefined || !isSameSet(first.depended, second.depended)) return undefined;
    const { chunks, marks } = splitAtPlaceholders(marked);
    if (marks.some((mark) => !isId(mark) && second.shows[Number(mark)] === undefined)) {
      return undefined;
    }
    const template: Template = {
      head: prefixFor(draft.document.name),
      subsegment: draft.document.type === 'subsegment',
      slots: Object.entries(span.attributes ?? {}).map((entry) => slotOf(entry, second, marks)),
      chunks,
      values: marks.map(() => undefined),
      ids: placesOfIds(marks),
      randomId: this.#randomId,
    };
    return roundTrips(template, span, draft, marks) ? template : undefined;
  }

  #translate(span: TranslatableSpan, reading: AccessLog): readonly PartialDocument[] {
    this.#ids = 0;
    return toPartialDocuments(span, this.#marking, reading);
  }

  #markedId(): string {
    this.#ids += 1;
    return `${PLACEHOLDER}id${this.#ids}`;
  }
}

/** How a translation read the attributes. */
class AccessLog implements AttributeObserver {
  /** Names. */
  readonly depended = new Set<string>();
  readonly shows: (Pick<Copy, 'render' | 'pairedWith'> & { readonly name: string })[] = [];
  /** Names of what is shown together. */
  readonly #pairs: (readonly [string, string])[] = [];
  readonly #known: ReadonlySet<string> | undefined;

  /** @param depended of the first reading; what is not among them becomes a mark */
  constructor(depended?: ReadonlySet<string>) {
    this.#known = depended;
  }

  onRead({ name }: AttributeKey): void {
    this.depended.add(name);
  }

  onCopy<T>({ name }: AttributeKey, shown: T, render: Render, other?: AttributeKey): T {
    const pairedWith = other?.name;
    if (pairedWith !== undefined) this.#pairs.push([name, pairedWith]);
    if (this.#known === undefined || this.#known.has(name)) return shown;
    this.shows.push({ name, render, pairedWith });
    return `${PLACEHOLDER}${this.shows.length - 1}` as T;
  }

  /** All is read: on what is shown together with something else, the document depends as on that. */
  settle(): void {
    for (const pair of this.#pairs) {
      if (!pair.some((name) => this.depended.has(name))) continue;
      for (const name of pair) this.depended.add(name);
    }
  }
}

/** The bytes between the marks of a draft, and which mark is where. */
function splitAtPlaceholders(draft: PartialDocument): {
  readonly chunks: readonly Uint8Array[];
  readonly marks: readonly string[];
} {
  const parts = bodyOf(draft).toString('latin1').split(PLACEHOLDER_PATTERN);
  const chunks = parts.filter((_, index) => index % 2 === 0);
  const marks = parts.filter((_, index) => index % 2 === 1);
  return { chunks: chunks.map((chunk) => Uint8Array.from(Buffer.from(chunk, 'latin1'))), marks };
}

function isId(mark: string): boolean {
  return mark.startsWith('id');
}

/** The places of each id: an exception is named where it stands, and where it is the cause. */
function placesOfIds(marks: readonly string[]): Template['ids'] {
  const ids = new Set(marks.filter(isId));
  return [...ids].map((id) => marks.flatMap((mark, at) => (mark === id ? [at] : [])));
}

function bodyOf(draft: PartialDocument): Buffer {
  const out = new ByteWriter(1_024);
  writeBody(out, draft);
  return out.bytes.subarray(0, out.length);
}

function slotOf(
  [name, value]: readonly [string, unknown],
  { depended, shows }: AccessLog,
  marks: readonly string[],
): Slot {
  const copies = marks.flatMap((mark, at) => {
    const shown = isId(mark) ? undefined : shows[Number(mark)];
    return shown?.name === name ? [{ at, render: shown.render, pairedWith: shown.pairedWith }] : [];
  });
  const fixed = !isPresent(value) || depended.has(name);
  return { name, fixed, value: Array.isArray(value) ? [...value] : value, copies };
}

/** The span itself must come out of its template as it was written. */
function roundTrips(
  template: Template,
  { attributes = {} }: TranslatableSpan,
  draft: PartialDocument,
  marks: readonly string[],
): boolean {
  if (!fill(template, attributes)) return false;
  for (const [at, mark] of marks.entries()) {
    if (isId(mark)) template.values[at] = `${PLACEHOLDER}${mark}`;
  }
  const out = new ByteWriter(1_024);
  writeFilled(out, template);
  return out.bytes.subarray(0, out.length).equals(bodyOf(draft));
}

function isSameSet(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  return one.size === other.size && [...other].every((name) => one.has(name));
}

function lengthOf({ attributes, events }: TranslatableSpan): number {
  return [attributes, ...events.map((event) => event.attributes)]
    .flatMap((each) => Object.values(each ?? {}))
    .reduce<number>((sum, value) => sum + (typeof value === 'string' ? value.length : 8), 0);
}
