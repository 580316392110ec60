import { ByteWriter } from './byte-writer.ts';
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

export function writeTextField(out: ByteWriter, key: Uint8Array, value: string | undefined): void {
  if (value === undefined) return;
  out.writeBytes(key);
  writeString(out, value);
}

/** A number, a boolean, or whatever else JSON has. */
export function writeField(out: ByteWriter, key: Uint8Array, value: unknown): void {
  if (value === undefined) return;
  out.writeBytes(key);
  writeJson(out, value);
}

/** An object, whose fields `fields` writes. */
export function writeBlock<T>(
  out: ByteWriter,
  key: Uint8Array,
  value: T | undefined,
  fields: (out: ByteWriter, value: T) => void,
): void {
  if (value === undefined) return;
  out.writeBytes(key);
  const start = out.length;
  fields(out, value);
  out.closeObject(start);
}

/** The bytes of objects that many documents share, each written once. */
const cachedBytes = new WeakMap<object, Uint8Array>();

/**
 * The same as `write(out, value)`, for an object that never changes: its bytes are remembered as
 * long as it lives.
 */
export function writeCached<T extends object>(
  out: ByteWriter,
  value: T,
  write: (out: ByteWriter, value: T) => unknown,
): void {
  let bytes = cachedBytes.get(value);
  if (bytes === undefined) {
    const own = new ByteWriter(1_024);
    write(own, value);
    bytes = Uint8Array.from(own.bytes.subarray(0, own.length));
    cachedBytes.set(value, bytes);
  }
  out.writeBytes(bytes);
}
