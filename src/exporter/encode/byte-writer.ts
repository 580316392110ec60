/** Up to these lengths a loop is faster than a call into the runtime. */
const SHORT = 12;
const SHORT_RANGE = 32;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;

/** A growing buffer. The bytes before `length` are written. */
export class ByteWriter {
  bytes: Buffer;
  length = 0;

  constructor(capacity: number) {
    this.bytes = Buffer.allocUnsafeSlow(capacity);
  }

  /** Ensures that there is room for `more` bytes. */
  reserve(more: number): void {
    const needed = this.length + more;
    if (needed <= this.bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.bytes.length * 2));
    this.bytes.copy(grown, 0, 0, this.length);
    this.bytes = grown;
  }

  /** Writes any text as UTF-8; a lone surrogate becomes U+FFFD. */
  writeText(text: string): void {
    this.reserve(text.length * 3);
    this.length += this.bytes.write(text, this.length);
  }

  /** Writes text that has only ASCII characters. */
  writeAscii(text: string): void {
    const { length } = text;
    this.reserve(length);
    const { bytes } = this;
    const at = this.length;
    for (let index = 0; index < length; index += 1) bytes[at + index] = text.charCodeAt(index);
    this.length = at + length;
  }

  /** Writes one ASCII character. */
  writeByte(code: number): void {
    if (this.length === this.bytes.length) this.reserve(1);
    this.bytes[this.length] = code;
    this.length += 1;
  }

  writeBytes(bytes: Uint8Array): void {
    const { length } = bytes;
    this.reserve(length);
    const at = this.length;
    if (length > SHORT) this.bytes.set(bytes, at);
    else copyLoop(bytes, 0, this.bytes, at, length);
    this.length = at + length;
  }

  /** Writes a range of the given bytes. */
  writeRange(bytes: Buffer, start: number, end: number): void {
    const length = end - start;
    this.reserve(length);
    const at = this.length;
    if (length > SHORT_RANGE) bytes.copy(this.bytes, at, start, end);
    else copyLoop(bytes, start, this.bytes, at, length);
    this.length = at + length;
  }

  /** Turns the fields written since `start`, each preceded by a comma, into an object. */
  closeObject(start: number): void {
    if (this.length === start) this.writeByte(OPEN_OBJECT);
    else this.bytes[start] = OPEN_OBJECT;
    this.writeByte(CLOSE_OBJECT);
  }

  /** Copies a range of bytes from another writer. */
  copyFrom(from: ByteWriter, start: number, end: number): void {
    this.reserve(end - start);
    this.length += from.bytes.copy(this.bytes, this.length, start, end);
  }
}

function copyLoop(
  source: Uint8Array,
  start: number,
  target: Uint8Array,
  at: number,
  length: number,
): void {
  for (let index = 0; index < length; index += 1) {
    target[at + index] = source[start + index] as number;
  }
}
