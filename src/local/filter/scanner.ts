import { FilterError } from './error.ts';

export type Token =
  | { readonly kind: 'word'; readonly text: string; readonly start: number; readonly end: number }
  | { readonly kind: 'string'; readonly text: string; readonly start: number; readonly end: number }
  | {
      readonly kind: 'number';
      readonly value: number;
      readonly start: number;
      readonly end: number;
    }
  | { readonly kind: 'sign'; readonly text: string; readonly start: number; readonly end: number }
  | { readonly kind: 'end'; readonly start: number; readonly end: number };

const BLANK = /\s*/y;
const WORD = /[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*/y;
/** What follows `annotation` is a key, not a part of the keyword. */
const ANNOTATION = /(?:(?:source|destination)\.)?annotation(?![A-Za-z0-9_])/iy;
const NUMBER = /-?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y;
const SIGN = /<=|>=|!=|[<>=!(){},:#]/y;
const PLAIN_KEY = /\.([A-Za-z0-9_]+)/y;
const KEY = /[A-Za-z0-9_.]+/y;

/** Reads tokens from a filter expression. The parser tells where it expects an annotation key. */
export class Scanner {
  readonly text: string;
  #at = 0;
  #peeked: Token | undefined;

  constructor(text: string) {
    this.text = text;
  }

  peek(): Token {
    this.#peeked ??= this.#read();
    return this.#peeked;
  }

  next(): Token {
    const token = this.peek();
    this.#at = token.end;
    this.#peeked = undefined;
    return token;
  }

  /** Whether the next token is this sign, or this word in any case. */
  sees(text: string): boolean {
    const token = this.peek();
    if (token.kind === 'sign') return token.text === text;
    return token.kind === 'word' && token.text.toLowerCase() === text;
  }

  /** Takes the next token if it is this one. */
  take(text: string): boolean {
    const sees = this.sees(text);
    if (sees) this.next();
    return sees;
  }

  expect(text: string): void {
    if (!this.take(text)) throw this.refuse(`expected ${text}`);
  }

  /** The key after `annotation`: `.key` or `[key.with.dots]`. */
  annotationKey(): string {
    this.#peeked = undefined;
    this.#skipBlank();
    const plain = this.#match(PLAIN_KEY);
    if (plain) {
      this.#at += plain[0].length;
      if (this.text[this.#at] === '.') {
        throw this.#refuseAt(this.#at, this.#at + 1, 'write a key with dots as annotation[a.b]');
      }
      return plain[1] as string;
    }
    if (this.text[this.#at] !== '[') {
      throw this.#refuseAt(this.#at, this.#at + 1, 'expected .key or [key] after annotation');
    }
    this.#at += 1;
    this.#skipBlank();
    const key = this.#match(KEY)?.[0];
    if (key === undefined) {
      throw this.#refuseAt(
        this.#at,
        this.#at + 1,
        'a key is letters, digits, _ and dots, without quotes',
      );
    }
    this.#at += key.length;
    this.#skipBlank();
    if (this.text[this.#at] !== ']') throw this.#refuseAt(this.#at, this.#at + 1, 'expected ]');
    this.#at += 1;
    return key;
  }

  /** The JSON value that starts here. */
  json(): unknown {
    this.#peeked = undefined;
    this.#skipBlank();
    const start = this.#at;
    const opener = this.text[start];
    if (opener !== '[' && opener !== '{') {
      throw this.#refuseAt(start, start + 1, 'expected JSON: [{…}] or {…}');
    }
    const end = jsonEnd(this.text, start);
    if (end === undefined) throw this.#refuseAt(start, this.text.length, 'unclosed JSON');
    try {
      const value: unknown = JSON.parse(this.text.slice(start, end));
      this.#at = end;
      return value;
    } catch {
      throw this.#refuseAt(start, end, 'not JSON');
    }
  }

  /** An error at a token, by default the next one. */
  refuse(reason: string, token: Token = this.peek()): FilterError {
    const why = token.kind === 'end' ? `${reason}, but the expression ends here` : reason;
    return this.#refuseAt(token.start, token.end, why);
  }

  #refuseAt(start: number, end: number, reason: string): FilterError {
    const { length } = this.text;
    return new FilterError(this.text, Math.min(start, length), Math.min(end, length), reason);
  }

  #read(): Token {
    this.#skipBlank();
    const start = this.#at;
    if (start >= this.text.length) return { kind: 'end', start, end: start };
    const annotation = this.#match(ANNOTATION)?.[0];
    const word = annotation ?? this.#match(WORD)?.[0];
    if (word !== undefined) return { kind: 'word', text: word, start, end: start + word.length };
    const number = this.#match(NUMBER)?.[0];
    if (number !== undefined) {
      return { kind: 'number', value: Number(number), start, end: start + number.length };
    }
    if (this.text[start] === '"') return this.#string(start);
    const sign = this.#match(SIGN)?.[0] ?? (this.text[start] as string);
    return { kind: 'sign', text: sign, start, end: start + sign.length };
  }

  /** `\"` and `\\` are the only escapes; any other backslash stands for itself. */
  #string(start: number): Token {
    let text = '';
    for (let i = start + 1; i < this.text.length; i++) {
      const character = this.text[i] as string;
      const next = this.text[i + 1];
      if (character === '"') return { kind: 'string', text, start, end: i + 1 };
      if (character === '\\' && (next === '"' || next === '\\')) {
        text += next;
        i += 1;
      } else text += character;
    }
    throw this.#refuseAt(start, this.text.length, 'missing closing "');
  }

  #skipBlank(): void {
    this.#at += this.#match(BLANK)?.[0].length ?? 0;
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    return pattern.exec(this.text);
  }
}

/** Returns the end of the JSON value at `start`; `undefined` when it is not closed. */
function jsonEnd(text: string, start: number): number | undefined {
  let depth = 0;
  let inString = false;
  for (let i = start; i < text.length; i++) {
    const character = text[i];
    if (inString) {
      if (character === '\\') i += 1;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === '{' || character === '[') depth += 1;
    else if (character === '}' || character === ']') {
      depth -= 1;
      if (depth === 0) return i + 1;
    }
  }
  return undefined;
}
