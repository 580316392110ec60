import { ByteWriter } from './byte-writer.ts';

/** Returns the UTF-8 bytes of a string that is written often. */
export function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text));
}

/**
 * Returns `,"name":` as bytes. Every field is written with a comma in front, which
 * `ByteWriter.closeObject` turns into the opening brace for the first one.
 */
export function keyBytes(name: string): Uint8Array {
  return bytesOf(`,${JSON.stringify(name)}:`);
}

/** The bytes of objects that many documents share. */
const cachedBytes = new WeakMap<object, Uint8Array>();

/**
 * Writes an object that never changes, as `write(out, value)` does. Its bytes are cached for the
 * lifetime of the object.
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
