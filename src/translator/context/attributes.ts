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
 * The attribute names that a field is read from, in order of preference.
 *
 * Names are numbered when the modules load, so that reading a field is an array access.
 */
export type AttributeNames = readonly number[];

/** No attribute. */
export const NO_NAMES: AttributeNames = [];

/**
 * Returns the text in the document for the text of an attribute.
 *
 * @param paired text of the attribute that is part of the same value in the document
 */
type ShowText = (text: string, paired: string | undefined) => string | undefined;

/** Declares the attribute names of a field. The first present one is used. */
export function names(...names: readonly string[]): AttributeNames {
  return names.map(declare);
}

/**
 * Reads the attributes of one span and records which of them the blocks of the document consume.
 *
 * An attribute is *present* if it is not `undefined`, `null` or a blank string. Attributes that no
 * block consumes become annotations and metadata.
 */
export class AttributeReader {
  /** Value of each declared name; `undefined` if not present. */
  readonly #values: unknown[] = Array.from({ length: declaredCount() });
  /** Number of the load in which each declared name was last consumed. Never needs a reset. */
  readonly #usedIn: number[] = Array.from({ length: declaredCount() }, () => 0);
  #loads = 1;
  #attributes: SpanAttributes = {};
  /** Number of attributes; their keys and values follow. */
  #count = 0;
  readonly #keys: AttributeKey[] = [];
  readonly #raw: unknown[] = [];
  #groups = 0;
  #observer: AttributeObserver | undefined;
  /** Names of truncated fields, for `xray.truncated`. */
  #truncatedFields: string[] | undefined;

  /** Loads the attributes of a span into a cleared reader. */
  load(attributes: SpanAttributes, observer?: AttributeObserver): this {
    this.#observer = observer;
    const own = withoutInherited(attributes);
    this.#attributes = own;
    // This loop is the fastest way to read all keys and values of an object.
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

  /** Clears the reader. */
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

  /** Returns how many of the names are present. */
  countPresent(names: AttributeNames): number {
    let count = 0;
    for (let i = 0; i < names.length; i += 1) {
      if (this.#values[names[i] as number] !== undefined) count += 1;
    }
    return count;
  }

  /** Returns the value of one name. */
  valueOf(source: number): unknown {
    if (this.#observer !== undefined) this.#notifyRead(source);
    return this.#values[source];
  }

  consumeOne(source: number): void {
    this.#usedIn[source] = this.#loads;
  }

  /** Returns the first present value of any type, without consuming it. */
  peek(names: AttributeNames): unknown {
    for (let i = 0; i < names.length; i += 1) {
      const value = this.#values[names[i] as number];
      if (value === undefined) continue;
      if (this.#observer !== undefined) this.#notifyRead(names[i] as number);
      return value;
    }
    return undefined;
  }

  /** Returns whether one of the values is a string. */
  hasText(names: AttributeNames): boolean {
    return names.some((source) => typeof this.#values[source] === 'string');
  }

  /** Returns the first present string, without consuming it. */
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
   * Returns the first present string, truncated to `max`, and consumes all names with the same value
   * (B-03).
   *
   * Use the result only as a value in the document. Decisions must use {@link peekText}.
   */
  take(names: AttributeNames, max: number): string | undefined {
    if (this.#observer !== undefined) return this.#observedText(names, max, names, asItIs);
    const value = this.peekText(names);
    if (value === undefined) return undefined;
    this.consumeEqual(names, value);
    return this.truncate(value, max, names);
  }

  /**
   * Does the same for a string that is changed before it is put into the document.
   *
   * @param field name for `xray.truncated`
   * @param show pure; returns `undefined` to omit the string, which is then not consumed
   * @param paired names of a string that is part of the same value in the document; not consumed
   */
  takeMapped(
    names: AttributeNames,
    max: number,
    field: string,
    show: ShowText,
    paired: AttributeNames = NO_NAMES,
  ): string | undefined {
    if (this.#observer !== undefined) return this.#observedText(names, max, field, show, paired);
    const value = this.peekText(names);
    const shown = value === undefined ? undefined : show(value, this.peekText(paired));
    if (shown === undefined) return undefined;
    this.consumeEqual(names, value);
    return this.truncate(shown, max, field);
  }

  #observedText(
    names: AttributeNames,
    max: number,
    field: AttributeNames | string,
    show: ShowText,
    paired: AttributeNames = NO_NAMES,
  ): string | undefined {
    const present = names.filter((source) => this.#values[source] !== undefined);
    const others = paired.filter((source) => this.#values[source] !== undefined);
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

  /** Returns the first present value if it is a whole number in the range, and consumes it. */
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
   * Does the same for a single attribute. Use the result only as a value in the document; decisions
   * must not depend on it.
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

  /** Returns `true` if the first present value is `true`, and consumes it. */
  takeFlag(names: AttributeNames): true | undefined {
    if (this.peek(names) !== true) return undefined;
    this.consumeEqual(names, true);
    return true;
  }

  /** Consumes all names that have this value. */
  consumeEqual(names: AttributeNames, value: unknown): void {
    for (let i = 0; i < names.length; i += 1) {
      const source = names[i] as number;
      if (this.#observer !== undefined) this.#notifyRead(source);
      if (this.#values[source] === value) this.#usedIn[source] = this.#loads;
    }
  }

  /** Consumes all names, whatever their values are, including blank ones. */
  consume(names: AttributeNames): void {
    for (let i = 0; i < names.length; i += 1) this.#usedIn[names[i] as number] = this.#loads;
  }

  /** Truncates the string of a field and records that. */
  truncate(text: string, max: number, field: AttributeNames | string): string {
    if (text.length <= max) return text;
    this.markTruncated(typeof field === 'string' ? field : declaredKey(field[0] as number).name);
    return truncate(text, max);
  }

  markTruncated(field: string): void {
    this.#truncatedFields ??= [];
    if (!this.#truncatedFields.includes(field)) this.#truncatedFields.push(field);
  }

  /** Names of the fields that were truncated. */
  get truncatedFields(): readonly string[] | undefined {
    return this.#truncatedFields;
  }

  /** Number of attributes, consumed or not. */
  get count(): number {
    return this.#count;
  }

  keyAt(index: number): AttributeKey {
    return this.#keys[index] as AttributeKey;
  }

  /** Returns the unmodified value at this index. */
  rawAt(index: number): unknown {
    this.#observer?.onRead(this.keyAt(index));
    return this.#raw[index];
  }

  /**
   * Returns the result of `show` for the value at this index. Use it only as a value in the document;
   * decisions must not depend on it.
   */
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

  /** Returns whether a key belongs to one of these groups. */
  hasGroup(marks: number): boolean {
    return (this.#groups & marks) !== 0;
  }

  /** Returns whether a block has consumed the attribute at this index. */
  isConsumed(index: number): boolean {
    const { number } = this.keyAt(index);
    return number !== -1 && this.#usedIn[number] === this.#loads;
  }

  /** Returns the unmodified value of a key. */
  rawValue(key: string): unknown {
    this.#observer?.onRead(attributeKey(key));
    return Object.hasOwn(this.#attributes, key) ? this.#attributes[key] : undefined;
  }
}

/** The last render function of each key, which the templates of many spans share. */
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

/** Returns a cleared reader. The caller must call {@link releaseReader}. */
export function takeReader(): AttributeReader {
  const reader = spare ?? new AttributeReader();
  // A getter of a span may translate another span in the meantime, which needs a separate reader.
  spare = undefined;
  return reader;
}

/** Clears the reader and keeps it for the next span. */
export function releaseReader(reader: AttributeReader): void {
  reader.clear();
  spare = reader;
}
