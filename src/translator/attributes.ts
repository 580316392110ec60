import type { SpanAttributes } from './span.ts';
import { cut, integerOf, isBlank } from './text.ts';

/**
 * The attribute names that one field is read from, most wanted first.
 *
 * Names are numbered once, when the modules load, so that reading a field is an array access.
 */
export type Sources = readonly number[];

const numberOf = new Map<string, number>();
const nameOf: string[] = [];

/** Declares the attribute names of a field; the first present one wins. */
export function from(...names: readonly string[]): Sources {
  return names.map((name) => {
    const known = numberOf.get(name);
    if (known !== undefined) return known;
    numberOf.set(name, nameOf.length);
    return nameOf.push(name) - 1;
  });
}

/**
 * The attributes of one span, and which of them a block of the document has used.
 *
 * An attribute is *present* when it is neither `undefined` nor `null` nor blank text.
 * What is not used when all blocks are built becomes annotations and metadata.
 */
export class AttributeReader {
  /** Value of each declared name; `undefined` when not present. */
  readonly #values: unknown[] = nameOf.map(() => undefined);
  /** For each declared name the last load in which it was used; so nothing has to be reset. */
  readonly #usedIn: number[] = nameOf.map(() => 0);
  #loads = 1;
  #attributes: SpanAttributes = {};
  /** How many attributes the span has; of each its key, value and number, or -1, are below. */
  #count = 0;
  readonly #keys: string[] = [];
  readonly #raw: unknown[] = [];
  readonly #numbers: number[] = [];
  /** Names of fields that were cut; in the end `xray.truncated`. */
  #cuts: string[] | undefined;
  #hasAnnotations = false;
  #mayMeetResource = false;

  /** Reads another span's attributes; the reader must have been cleared. */
  load(attributes: SpanAttributes): this {
    this.#attributes = attributes;
    // The fastest way through an object, key and value; only what it inherits must be passed over.
    for (const key in attributes) {
      if (!Object.hasOwn(attributes, key)) continue;
      const value = attributes[key];
      const number = numberOf.get(key);
      const at = this.#count;
      this.#keys[at] = key;
      this.#raw[at] = value;
      this.#numbers[at] = number ?? -1;
      this.#count = at + 1;
      if (number === undefined) {
        if (key.startsWith('a') || key.startsWith('o')) this.#notePrefix(key);
      } else if (value !== null && !(typeof value === 'string' && isBlank(value))) {
        this.#values[number] = value;
      }
    }
    return this;
  }

  #notePrefix(key: string): void {
    if (key.startsWith('annotation.')) this.#hasAnnotations = true;
    else if (key.startsWith('aws.xray.metadata.') || key.startsWith('otel.resource.')) {
      this.#mayMeetResource = true;
    }
  }

  /** Forgets the span. */
  clear(): void {
    for (let i = 0; i < this.#count; i += 1) {
      const number = this.#numbers[i] as number;
      if (number !== -1) this.#values[number] = undefined;
      this.#raw[i] = undefined;
    }
    this.#count = 0;
    this.#loads += 1;
    this.#attributes = {};
    this.#cuts = undefined;
    this.#hasAnnotations = false;
    this.#mayMeetResource = false;
  }

  has(sources: Sources): boolean {
    for (let i = 0; i < sources.length; i += 1) {
      if (this.#values[sources[i] as number] !== undefined) return true;
    }
    return false;
  }

  /** Value of one source. */
  valueOf(source: number): unknown {
    return this.#values[source];
  }

  markUsed(source: number): void {
    this.#usedIn[source] = this.#loads;
  }

  /** The first present value of whatever type; it stays unused. */
  peek(sources: Sources): unknown {
    for (let i = 0; i < sources.length; i += 1) {
      const value = this.#values[sources[i] as number];
      if (value !== undefined) return value;
    }
    return undefined;
  }

  /** The first present text; it stays unused. */
  peekText(sources: Sources): string | undefined {
    for (let i = 0; i < sources.length; i += 1) {
      const value = this.#values[sources[i] as number];
      if (typeof value === 'string') return value;
    }
    return undefined;
  }

  /** The first present text, cut to `max`; used, with every source of equal value (B-03). */
  text(sources: Sources, max: number): string | undefined {
    const value = this.peekText(sources);
    if (value === undefined) return undefined;
    this.use(sources, value);
    return this.cut(value, max, sources);
  }

  /** The first present value as a whole number of that range; used when it is one. */
  integer(sources: Sources, min: number, max: number): number | undefined {
    const value = this.peek(sources);
    if (value === undefined) return undefined;
    const number = integerOf(value);
    if (number === undefined || number < min || number > max) return undefined;
    for (let i = 0; i < sources.length; i += 1) {
      const source = sources[i] as number;
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
    this.noteCut(typeof field === 'string' ? field : (nameOf[field[0] as number] as string));
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

  keyAt(index: number): string {
    return this.#keys[index] as string;
  }

  /** The value as the span has it. */
  rawAt(index: number): unknown {
    return this.#raw[index];
  }

  /** Whether some key begins with `annotation.`. */
  get hasAnnotations(): boolean {
    return this.#hasAnnotations;
  }

  /** Whether some key may become one that the resource has in metadata. */
  get mayMeetResource(): boolean {
    return this.#mayMeetResource;
  }

  /** Whether the attribute at this place was used by a block. */
  usedAt(index: number): boolean {
    const number = this.#numbers[index] as number;
    return number !== -1 && this.#usedIn[number] === this.#loads;
  }

  /** The value of a key as the span has it. */
  raw(key: string): unknown {
    return Object.hasOwn(this.#attributes, key) ? this.#attributes[key] : undefined;
  }
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
