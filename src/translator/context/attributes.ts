import type { SpanAttributes } from '../span.ts';
import { withoutInherited } from '../values/json.ts';
import { integerOf, isPresent, truncate } from '../values/text.ts';
import type { AttributeObserver, Render } from './access-recorder.ts';
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
export type AttributeNames = readonly number[];

/** No attribute. */
export const NO_NAMES: AttributeNames = [];

/** @param beside the text that it is shown together with */
type ShowText = (text: string, beside: string | undefined) => string | undefined;

/** Declares the attribute names of a field; the first present one wins. */
export function names(...names: readonly string[]): AttributeNames {
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
  #groups = 0;
  #observer: AttributeObserver | undefined;
  /** Names of fields that were cut; in the end `xray.truncated`. */
  #truncatedFields: string[] | undefined;

  /** Reads another span's attributes; the reader must have been cleared. */
  load(attributes: SpanAttributes, watch?: AttributeObserver): this {
    this.#observer = watch;
    const own = withoutInherited(attributes);
    this.#attributes = own;
    // The fastest way through an object, key and value.
    for (const name in own) {
      const value = own[name];
      const key = attributeKey(name);
      this.#keys[this.#count] = key;
      this.#raw[this.#count] = value;
      this.#count += 1;
      this.#groups |= key.groups;
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
    this.#truncatedFields = undefined;
    this.#groups = 0;
    this.#observer = undefined;
  }

  has(names: AttributeNames): boolean {
    for (let i = 0; i < names.length; i += 1) {
      if (this.#values[names[i] as number] !== undefined) return true;
    }
    return false;
  }

  /** How many sources are present. */
  countPresent(names: AttributeNames): number {
    let count = 0;
    for (let i = 0; i < names.length; i += 1) {
      if (this.#values[names[i] as number] !== undefined) count += 1;
    }
    return count;
  }

  /** Value of one source. */
  valueOf(source: number): unknown {
    if (this.#observer !== undefined) this.#notifyRead(source);
    return this.#values[source];
  }

  consumeOne(source: number): void {
    this.#usedIn[source] = this.#loads;
  }

  /** The first present value of whatever type; it stays unused. */
  peek(names: AttributeNames): unknown {
    for (let i = 0; i < names.length; i += 1) {
      const value = this.#values[names[i] as number];
      if (value === undefined) continue;
      if (this.#observer !== undefined) this.#notifyRead(names[i] as number);
      return value;
    }
    return undefined;
  }

  /** Whether some source is a text. */
  hasText(names: AttributeNames): boolean {
    return names.some((source) => typeof this.#values[source] === 'string');
  }

  /** The first present text; it stays unused. */
  peekText(names: AttributeNames): string | undefined {
    for (let i = 0; i < names.length; i += 1) {
      const value = this.#values[names[i] as number];
      if (value === undefined) continue;
      if (this.#observer !== undefined) this.#notifyRead(names[i] as number);
      if (typeof value === 'string') return value;
    }
    return undefined;
  }

  /**
   * The first present text, cut to `max`; used, with every source of equal value (B-03).
   *
   * It may be put into the document, but no choice may be made by it: that is for {@link peekText}.
   */
  take(names: AttributeNames, max: number): string | undefined {
    if (this.#observer !== undefined) return this.#observedText(names, max, names, asItIs);
    const value = this.peekText(names);
    if (value === undefined) return undefined;
    this.consumeEqual(names, value);
    return this.truncate(value, max, names);
  }

  /**
   * The same for a text that is not shown as it is.
   *
   * @param field its name when it is cut
   * @param show pure; `undefined` when the text cannot be shown, which then stays unused
   * @param beside of what a text is shown together with the first; that stays unused
   */
  takeMapped(
    names: AttributeNames,
    max: number,
    field: string,
    show: ShowText,
    beside: AttributeNames = NO_NAMES,
  ): string | undefined {
    if (this.#observer !== undefined) return this.#observedText(names, max, field, show, beside);
    const value = this.peekText(names);
    const shown = value === undefined ? undefined : show(value, this.peekText(beside));
    if (shown === undefined) return undefined;
    this.consumeEqual(names, value);
    return this.truncate(shown, max, field);
  }

  #observedText(
    names: AttributeNames,
    max: number,
    field: AttributeNames | string,
    show: ShowText,
    beside: AttributeNames = NO_NAMES,
  ): string | undefined {
    const present = names.filter((source) => this.#values[source] !== undefined);
    const others = beside.filter((source) => this.#values[source] !== undefined);
    const [value] = this.#textsOf(present);
    const [other] = this.#textsOf(others);
    const shown = value === undefined ? undefined : show(value, other);
    const isAlone = present.length === 1 && others.length <= 1;
    if (!isAlone || shown === undefined || shown.length > max) {
      for (const source of [...present, ...others]) this.#notifyRead(source);
      if (shown === undefined) return undefined;
      this.consumeEqual(names, value);
      return this.truncate(shown, max, field);
    }
    const [source = 0] = present;
    this.consumeOne(source);
    const again: Render = (value, other) => {
      const text = isText(value) ? show(value, isText(other) ? other : undefined) : undefined;
      return text === undefined || text.length > max ? undefined : text;
    };
    return this.#observer?.onCopy(declaredKey(source), shown, again, others.map(declaredKey)[0]);
  }

  #textsOf(names: AttributeNames): readonly string[] {
    return names.map((source) => this.#values[source]).filter(isText);
  }

  #notifyRead(source: number): void {
    if (this.#values[source] !== undefined) this.#observer?.onRead(declaredKey(source));
  }

  /** The first present value as a whole number of that range; used when it is one. */
  takeInteger(names: AttributeNames, min: number, max: number): number | undefined {
    const value = this.peek(names);
    if (value === undefined) return undefined;
    const number = integerOf(value);
    if (number === undefined || number < min || number > max) return undefined;
    for (let i = 0; i < names.length; i += 1) {
      const source = names[i] as number;
      if (this.#observer !== undefined) this.#notifyRead(source);
      if (integerOf(this.#values[source]) === number) this.#usedIn[source] = this.#loads;
    }
    return number;
  }

  /**
   * The same for a number of one attribute that is only shown: no choice may be made by its value.
   */
  takeShownInteger(name: AttributeNames, min: number, max: number): number | undefined {
    const [source = 0] = name;
    const show: Render = (value) => {
      const number = integerOf(value);
      return number !== undefined && number >= min && number <= max ? number : undefined;
    };
    const number = show(this.#values[source], undefined) as number | undefined;
    if (number === undefined || this.#observer === undefined)
      return this.takeInteger(name, min, max);
    this.#usedIn[source] = this.#loads;
    return this.#observer.onCopy(declaredKey(source), number, show);
  }

  /** Whether the first source is `true` itself; used then. */
  takeFlag(names: AttributeNames): true | undefined {
    if (this.peek(names) !== true) return undefined;
    this.consumeEqual(names, true);
    return true;
  }

  /** Marks every source with that very value as used. */
  consumeEqual(names: AttributeNames, value: unknown): void {
    for (let i = 0; i < names.length; i += 1) {
      const source = names[i] as number;
      if (this.#observer !== undefined) this.#notifyRead(source);
      if (this.#values[source] === value) this.#usedIn[source] = this.#loads;
    }
  }

  /** Marks every source as used, whatever its value; a blank one too. */
  consume(names: AttributeNames): void {
    for (let i = 0; i < names.length; i += 1) this.#usedIn[names[i] as number] = this.#loads;
  }

  /** Cuts a field's text and remembers that it was cut. */
  truncate(text: string, max: number, field: AttributeNames | string): string {
    if (text.length <= max) return text;
    this.markTruncated(typeof field === 'string' ? field : declaredKey(field[0] as number).name);
    return truncate(text, max);
  }

  markTruncated(field: string): void {
    this.#truncatedFields ??= [];
    if (!this.#truncatedFields.includes(field)) this.#truncatedFields.push(field);
  }

  /** Fields of which not all could be kept. */
  get truncatedFields(): readonly string[] | undefined {
    return this.#truncatedFields;
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
    this.#observer?.onRead(this.keyAt(index));
    return this.#raw[index];
  }

  /** The value as `show` makes it, to be put into the document; no choice may be made by it. */
  takeAt<S>(
    index: number,
    show: (key: AttributeKey, value: unknown, settings: S) => unknown,
    settings: S,
  ): unknown {
    const key = this.keyAt(index);
    const shown = show(key, this.#raw[index], settings);
    if (this.#observer === undefined) return shown;
    if (shown !== undefined) {
      return this.#observer.onCopy(key, shown, renderFor(key, show, settings));
    }
    this.#observer.onRead(key);
    return undefined;
  }

  /** Whether some key has one of these marks. */
  hasGroup(marks: number): boolean {
    return (this.#groups & marks) !== 0;
  }

  /** Whether the attribute at this place was used by a block. */
  isConsumed(index: number): boolean {
    const { number } = this.keyAt(index);
    return number !== -1 && this.#usedIn[number] === this.#loads;
  }

  /** The value of a key as the span has it. */
  rawValue(key: string): unknown {
    this.#observer?.onRead(attributeKey(key));
    return Object.hasOwn(this.#attributes, key) ? this.#attributes[key] : undefined;
  }
}

/** The last result for each key: templates of many spans share it. */
const renders = new WeakMap<
  AttributeKey,
  { readonly show: unknown; readonly settings: unknown; readonly render: Render }
>();

function renderFor<S>(
  key: AttributeKey,
  show: (key: AttributeKey, value: unknown, settings: S) => unknown,
  settings: S,
): Render {
  const known = renders.get(key);
  if (known?.show === show && known.settings === settings) return known.render;
  const render: Render = (value) => show(key, value, settings);
  renders.set(key, { show, settings, render });
  return render;
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
