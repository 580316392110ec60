import type { Show, Watch } from '../../translator/context/access-recorder.ts';
import type { AttributeKey } from '../../translator/context/attribute-keys.ts';
import { settingsOf, type TranslatorOptions } from '../../translator/context/options.ts';
import { toDrafts } from '../../translator/index.ts';
import type { Draft } from '../../translator/partial-document.ts';
import type { TranslatableSpan } from '../../translator/span.ts';
import { cheapRandomId } from '../../translator/values/ids.ts';
import { isPresent } from '../../translator/values/text.ts';
import { ByteSink } from '../encode/byte-writer.ts';
import { headOf, writeSaid } from '../encode/write-partial.ts';
import { type Copy, fill, type Slot, type Template, writeFilled } from './template.ts';

/** Characters of all keys and values; longer ones would be a lot of memory. */
const MAX_LENGTH = 4_096;

/** Stands where something of a span's own goes; nobody can have it in an attribute. */
const MARK = `otel-xray-${cheapRandomId()}${cheapRandomId()}-`;
/** The number of a copy, or that of an id. */
const MARKED = new RegExp(`"${MARK}((?:id)?\\d+)"`);

/** Makes templates of spans. */
export class TemplateMaker {
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
  templateOf(span: TranslatableSpan): Template | undefined {
    if (lengthOf(span) > MAX_LENGTH) return undefined;
    const first = new Reading();
    const [draft, further] = this.#translate(span, first);
    first.settle();
    if (draft === undefined || further !== undefined || draft.document.in_progress)
      return undefined;
    const second = new Reading(first.depended);
    const [marked] = this.#translate(span, second);
    second.settle();
    if (marked === undefined || !isSameSet(first.depended, second.depended)) return undefined;
    const { chunks, marks } = takenApart(marked);
    if (marks.some((mark) => !isId(mark) && second.shows[Number(mark)] === undefined)) {
      return undefined;
    }
    const template: Template = {
      head: headOf(draft.document.name),
      subsegment: draft.document.type === 'subsegment',
      slots: Object.entries(span.attributes ?? {}).map((entry) => slotOf(entry, second, marks)),
      chunks,
      values: marks.map(() => undefined),
      ids: placesOfIds(marks),
      randomId: this.#randomId,
    };
    return isTrue(template, span, draft, marks) ? template : undefined;
  }

  #translate(span: TranslatableSpan, reading: Reading): readonly Draft[] {
    this.#ids = 0;
    return toDrafts(span, this.#marking, reading);
  }

  #markedId(): string {
    this.#ids += 1;
    return `${MARK}id${this.#ids}`;
  }
}

/** How a translation read the attributes. */
class Reading implements Watch {
  /** Names. */
  readonly depended = new Set<string>();
  readonly shows: (Pick<Copy, 'show' | 'beside'> & { readonly name: string })[] = [];
  /** Names of what is shown together. */
  readonly #pairs: (readonly [string, string])[] = [];
  readonly #known: ReadonlySet<string> | undefined;

  /** @param depended of the first reading; what is not among them becomes a mark */
  constructor(depended?: ReadonlySet<string>) {
    this.#known = depended;
  }

  depends({ name }: AttributeKey): void {
    this.depended.add(name);
  }

  copied<T>({ name }: AttributeKey, shown: T, show: Show, other?: AttributeKey): T {
    const beside = other?.name;
    if (beside !== undefined) this.#pairs.push([name, beside]);
    if (this.#known === undefined || this.#known.has(name)) return shown;
    this.shows.push({ name, show, beside });
    return `${MARK}${this.shows.length - 1}` as T;
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
function takenApart(draft: Draft): {
  readonly chunks: readonly Uint8Array[];
  readonly marks: readonly string[];
} {
  const parts = saidBy(draft).toString('latin1').split(MARKED);
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

function saidBy(draft: Draft): Buffer {
  const sink = new ByteSink(1_024);
  writeSaid(sink, draft);
  return sink.bytes.subarray(0, sink.length);
}

function slotOf(
  [name, value]: readonly [string, unknown],
  { depended, shows }: Reading,
  marks: readonly string[],
): Slot {
  const copies = marks.flatMap((mark, at) => {
    const shown = isId(mark) ? undefined : shows[Number(mark)];
    return shown?.name === name ? [{ at, show: shown.show, beside: shown.beside }] : [];
  });
  const fixed = !isPresent(value) || depended.has(name);
  return { name, fixed, value: Array.isArray(value) ? [...value] : value, copies };
}

/** The span itself must come out of its template as it was written. */
function isTrue(
  template: Template,
  { attributes = {} }: TranslatableSpan,
  draft: Draft,
  marks: readonly string[],
): boolean {
  if (!fill(template, attributes)) return false;
  for (const [at, mark] of marks.entries()) {
    if (isId(mark)) template.values[at] = `${MARK}${mark}`;
  }
  const sink = new ByteSink(1_024);
  writeFilled(sink, template);
  return sink.bytes.subarray(0, sink.length).equals(saidBy(draft));
}

function isSameSet(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  return one.size === other.size && [...other].every((name) => one.has(name));
}

function lengthOf({ attributes, events }: TranslatableSpan): number {
  return [attributes, ...events.map((event) => event.attributes)]
    .flatMap((each) => Object.values(each ?? {}))
    .reduce<number>((sum, value) => sum + (typeof value === 'string' ? value.length : 8), 0);
}
