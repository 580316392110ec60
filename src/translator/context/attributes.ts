import type { SpanAttributes } from '../span.ts';
import { cut, integerOf, isPresent } from '../values/text.ts';
import type { Show, Watch } from './access-recorder.ts';
import {
  type AttributeKey,
  attributeKey,
  declare,
  declaredCount,
  declaredKey,
} from './attribute-keys.ts';

/**
 * The attribute names that one field is read from, most wanted first.
 *
 * Names are numbered once, when the modules load, so that reading a field is an array access.
 */
export type Sources = readonly number[];

/** No attribute. */
export const NO_SOURCES: Sources = [];

/** @param beside the text that it is shown together with */
type ShowText = (text: string, beside: string | undefined) => string | undefined;

/** Declares the attribute names of a field; the first present one wins. */
export function from(...names: readonly string[]): Sources {
  return names.map(declare);
}

/**
 * The attributes of one span, and which of them a block of the document has used.
 *
 * An attribute is *present* when it is neither `undefined` nor `null` nor blank text.
 * What is not used when all blocks are built becomes annotations and metadata.
 */
export class AttributeReader {
  /** Value of each declared name; `undefined` when not present. */
  readonly #values: unknown[] = Array.from({ length: declaredCount() });
  /** For each declared name the last load in which it was used; so nothing has to be reset. */
  readonly #usedIn: number[] = Array.from({ length: declaredCount() }, () => 0);
  #loads = 1;
  #attributes: SpanAttributes = {};
  /** How many attributes the span has; the key and value of each are below. */
  #count = 0;
  readonly #keys: AttributeKey[] = [];
  readonly #raw: unknown[] = [];
  #marks = 0;
  #watch: Watch | undefined;
  /** Names of fields that were cut; in the end `xray.truncated`. */
  #cuts: string[] | undefined;

  /** Reads another span's attributes; the reader must have been cleared. */
  load(attributes: SpanAttributes, watch?: Watch): this {
    this.#watch = watch;
    const own = inheritsNothing(attributes) ? attributes : { __proto__: null, ...attributes };
    this.#attributes = own;
    // The fastest way through an object, key and value.
    for (const name in own) {
      const value = own[name];
      const key = attributeKey(name);
      this.#keys[this.#count] = key;
      this.#raw[this.#count] = value;
      this.#count += 1;
      this.#marks |= key.marks;
      if (key.number !== -1 && isPresent(value)) this.#values[key.number] = value;
    }
    return this;
  }

  /** Forgets the span. */
  clear(): void {
    for (let i = 0; i < this.#count; i += 1) {
      const { number } = this.#keys[i] as AttributeKey;
      if (number !== -1) this.#values[number] = undefined;
      this.#raw[i] = undefined;
    }
    this.#count = 0;
    this.#loads += 1;
    this.#attributes = {};
    this.#cuts = undefined;
    this.#marks = 0;
    this.#watch = undefined;
  }

  has(sources: Sources): boolean {
    for (let i = 0; i < sources.length; i += 1) {
      if (this.#values[sources[i] as number] !== undefined) return true;
    }
    return false;
  }

  /** How many sources are present. */
  present(sources: Sources): number {
    let count = 0;
    for (let i = 0; i < sources.length; i += 1) {
      if (this.#values[sources[i] as number] !== undefined) count += 1;
    }
    return count;
  }

  /** Value of one source. */
  valueOf(source: number): unknown {
    if (this.#watch !== undefined) this.#depends(source);
    return this.#values[source];
  }

  markUsed(source: number): void {
    this.#usedIn[source] = this.#loads;
  }

  /** The first present value of whatever type; it stays unused. */
  peek(sources: Sources): unknown {
    for (let i = 0; i < sources.length; i += 1) {
      const value = this.#values[sources[i] as number];
      if (value === undefined) continue;
      if (this.#watch !== undefined) this.#depends(sources[i] as number);
      return value;
    }
    return undefined;
  }

  /** Whether some source is a text. */
  hasText(sources: Sources): boolean {
    return sources.some((source) => typeof this.#values[source] === 'string');
  }

  /** The first present text; it stays unused. */
  peekText(sources: Sources): string | undefined {
    for (let i = 0; i < sources.length; i += 1) {
      const value = this.#values[sources[i] as number];
      if (value === undefined) continue;
      if (this.#watch !== undefined) this.#depends(sources[i] as number);
      if (typeof value === 'string') return value;
    }
    return undefined;
  }

  /**
   * The first present text, cut to `max`; used, with every source of equal value (B-03).
   *
   * It may be put into the document, but no choice may be made by it: that is for {@link peekText}.
   */
  text(sources: Sources, max: number): string | undefined {
    if (this.#watch !== undefined) return this.#watchedText(sources, max, sources, asItIs);
    const value = this.peekText(sources);
    if (value === undefined) return undefined;
    this.use(sources, value);
    return this.cut(value, max, sources);
  }

  /**
   * The same for a text that is not shown as it is.
   *
   * @param field its name when it is cut
   * @param show pure; `undefined` when the text cannot be shown, which then stays unused
   * @param beside of what a text is shown together with the first; that stays unused
   */
  shownText(
    sources: Sources,
    max: number,
    field: string,
    show: ShowText,
    beside: Sources = NO_SOURCES,
  ): string | undefined {
    if (this.#watch !== undefined) return this.#watchedText(sources, max, field, show, beside);
    const value = this.peekText(sources);
    const shown = value === undefined ? undefined : show(value, this.peekText(beside));
    if (shown === undefined) return undefined;
    this.use(sources, value);
    return this.cut(shown, max, field);
  }

  #watchedText(
    sources: Sources,
    max: number,
    field: Sources | string,
    show: ShowText,
    beside: Sources = NO_SOURCES,
  ): string | undefined {
    const present = sources.filter((source) => this.#values[source] !== undefined);
    const others = beside.filter((source) => this.#values[source] !== undefined);
    const [value] = this.#textsOf(present);
    const [other] = this.#textsOf(others);
    const shown = value === undefined ? undefined : show(value, other);
    const isAlone = present.length === 1 && others.length <= 1;
    if (!isAlone || shown === undefined || shown.length > max) {
      for (const source of [...present, ...others]) this.#depends(source);
      if (shown === undefined) return undefined;
      this.use(sources, value);
      return this.cut(shown, max, field);
    }
    const [source = 0] = present;
    this.markUsed(source);
    const again: Show = (value, other) => {
      const text = isText(value) ? show(value, isText(other) ? other : undefined) : undefined;
      return text === undefined || text.length > max ? undefined : text;
    };
    return this.#watch?.copied(declaredKey(source), shown, again, others.map(declaredKey)[0]);
  }

  #textsOf(sources: Sources): readonly string[] {
    return sources.map((source) => this.#values[source]).filter(isText);
  }

  #depends(source: number): void {
    if (this.#values[source] !== undefined) this.#watch?.depends(declaredKey(source));
  }

  /** The first present value as a whole number of that range; used when it is one. */
  integer(sources: Sources, min: number, max: number): number | undefined {
    const value = this.peek(sources);
    if (value === undefined) return undefined;
    const number = integerOf(value);
    if (number === undefined || number < min || number > max) return undefined;
    for (let i = 0; i < sources.length; i += 1) {
      const source = sources[i] as number;
      if (this.#watch !== undefined) this.#depends(source);
      if (integerOf(this.#values[source]) === number) this.#usedIn[source] = this.#loads;
    }
    return number;
  }

  /** Whether the first source is `true` itself; used then. */
  flag(sources: Sources): true | undefined {
    if (this.peek(sources) !== true) return undefined;
    this.use(sources, true);
    return true;
  }

  /** Marks every source with that very value as used. */
  use(sources: Sources, value: unknown): void {
    for (let i = 0; i < sources.length; i += 1) {
      const source = sources[i] as number;
      if (this.#watch !== undefined) this.#depends(source);
      if (this.#values[source] === value) this.#usedIn[source] = this.#loads;
    }
  }

  /** Marks every source as used, whatever its value; a blank one too. */
  useAll(sources: Sources): void {
    for (let i = 0; i < sources.length; i += 1) this.#usedIn[sources[i] as number] = this.#loads;
  }

  /** Cuts a field's text and remembers that it was cut. */
  cut(text: string, max: number, field: Sources | string): string {
    if (text.length <= max) return text;
    this.noteCut(typeof field === 'string' ? field : declaredKey(field[0] as number).name);
    return cut(text, max);
  }

  noteCut(field: string): void {
    this.#cuts ??= [];
    if (!this.#cuts.includes(field)) this.#cuts.push(field);
  }

  /** Fields of which not all could be kept. */
  get cuts(): readonly string[] | undefined {
    return this.#cuts;
  }

  /** How many attributes the span has, used or not. */
  get count(): number {
    return this.#count;
  }

  keyAt(index: number): AttributeKey {
    return this.#keys[index] as AttributeKey;
  }

  /** The value as the span has it. */
  rawAt(index: number): unknown {
    this.#watch?.depends(this.keyAt(index));
    return this.#raw[index];
  }

  /** The value as `show` makes it, to be put into the document; no choice may be made by it. */
  shownAt<S>(
    index: number,
    show: (key: AttributeKey, value: unknown, settings: S) => unknown,
    settings: S,
  ): unknown {
    const key = this.keyAt(index);
    const shown = show(key, this.#raw[index], settings);
    if (this.#watch === undefined) return shown;
    if (shown !== undefined) {
      return this.#watch.copied(key, shown, (other) => show(key, other, settings));
    }
    this.#watch.depends(key);
    return undefined;
  }

  /** Whether some key has one of these marks. */
  isMarked(marks: number): boolean {
    return (this.#marks & marks) !== 0;
  }

  /** Whether the attribute at this place was used by a block. */
  usedAt(index: number): boolean {
    const { number } = this.keyAt(index);
    return number !== -1 && this.#usedIn[number] === this.#loads;
  }

  /** The value of a key as the span has it. */
  raw(key: string): unknown {
    this.#watch?.depends(attributeKey(key));
    return Object.hasOwn(this.#attributes, key) ? this.#attributes[key] : undefined;
  }
}

/** Whether `for…in` gives nothing but the object's own keys, as nearly always. */
function inheritsNothing(object: object): boolean {
  if (Object.getPrototypeOf(object) !== Object.prototype) return false;
  for (const _ in Object.prototype) return false;
  return true;
}

function asItIs(text: string): string {
  return text;
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

let spare: AttributeReader | undefined;

/** A reader without a span; {@link releaseReader} must follow. */
export function takeReader(): AttributeReader {
  const reader = spare ?? new AttributeReader();
  // A getter of a span may translate another span meanwhile, which then makes its own.
  spare = undefined;
  return reader;
}

/** Forgets the span; the reader serves the next one. */
export function releaseReader(reader: AttributeReader): void {
  reader.clear();
  spare = reader;
}
