import { ByteSink } from './byte-writer.ts';
import { writeJson, writeString } from './json.ts';

/**
 * Writes the fields of objects whose fields are known: the keys are bytes already.
 *
 * Each field begins with its comma; `ByteSink.object` makes a brace of the first.
 */

/** The bytes of a text that is written often. */
export function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text));
}

/** `,"name":` of each name. */
export function keys<N extends string>(...names: readonly N[]): Readonly<Record<N, Uint8Array>> {
  const pairs = names.map((name) => [name, bytesOf(`,${JSON.stringify(name)}:`)] as const);
  return Object.fromEntries(pairs) as Record<N, Uint8Array>;
}

export function textField(sink: ByteSink, key: Uint8Array, value: string | undefined): void {
  if (value === undefined) return;
  sink.constant(key);
  writeString(sink, value);
}

/** A number, a boolean, or whatever else JSON has. */
export function field(sink: ByteSink, key: Uint8Array, value: unknown): void {
  if (value === undefined) return;
  sink.constant(key);
  writeJson(sink, value);
}

/** An object, whose fields `fields` writes. */
export function block<T>(
  sink: ByteSink,
  key: Uint8Array,
  value: T | undefined,
  fields: (sink: ByteSink, value: T) => void,
): void {
  if (value === undefined) return;
  sink.constant(key);
  const start = sink.length;
  fields(sink, value);
  sink.object(start);
}

/** The bytes of objects that many documents share, each written once. */
const written = new WeakMap<object, Uint8Array>();

/**
 * The same as `write(sink, value)`, for an object that never changes: its bytes are remembered as
 * long as it lives.
 */
export function constantly<T extends object>(
  sink: ByteSink,
  value: T,
  write: (sink: ByteSink, value: T) => unknown,
): void {
  let bytes = written.get(value);
  if (bytes === undefined) {
    const own = new ByteSink(1_024);
    write(own, value);
    bytes = Uint8Array.from(own.bytes.subarray(0, own.length));
    written.set(value, bytes);
  }
  sink.constant(bytes);
}
