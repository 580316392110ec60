/** A field of a message: its name in OTLP/JSON, and how its bytes are read. */
export interface Field {
  readonly name: string;
  readonly kind:
    | 'text'
    | 'hex'
    | 'base64'
    | 'varint'
    | 'signed'
    | 'flag'
    | 'fixed32'
    | 'fixed64'
    | 'double'
    | 'message';
  readonly repeated?: boolean;
  readonly message?: () => MessageType;
}

/** Field number → field. */
export type MessageType = Readonly<Record<number, Field>>;

/** The bytes are not a message of the type. */
export class ProtobufError extends Error {
  override readonly name = 'ProtobufError';
}

type Json = Record<string, unknown>;

const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;
const WIRE_OF: Readonly<Record<Field['kind'], number>> = {
  text: WIRE.bytes,
  hex: WIRE.bytes,
  base64: WIRE.bytes,
  message: WIRE.bytes,
  varint: WIRE.varint,
  signed: WIRE.varint,
  flag: WIRE.varint,
  fixed32: WIRE.fixed32,
  fixed64: WIRE.fixed64,
  double: WIRE.fixed64,
};
const MAX_DEPTH = 100;

/**
 * Reads a protobuf message into the object that its JSON encoding would be. Unknown fields are
 * passed over, as protobuf asks.
 *
 * @throws {ProtobufError} when the bytes end too early or a field has another wire type
 */
export function readMessageBytes(bytes: Buffer, type: MessageType, depth = 0): Json {
  if (depth > MAX_DEPTH) throw new ProtobufError(`nested deeper than ${MAX_DEPTH} levels`);
  const result: Json = {};
  let at = 0;
  while (at < bytes.length) {
    const tag = varint(bytes, at);
    const number = Number(tag.value >> 3n);
    const wire = Number(tag.value & 7n);
    const field = type[number];
    const end = endOf(bytes, tag.next, wire);
    if (field && WIRE_OF[field.kind] !== wire) {
      throw new ProtobufError(`field ${field.name} has wire type ${wire}`);
    }
    if (field) {
      const from = wire === WIRE.bytes ? varint(bytes, tag.next).next : tag.next;
      const value = fieldValue(bytes.subarray(from, end), field, depth);
      if (field.repeated) {
        const list = (result[field.name] as unknown[] | undefined) ?? [];
        list.push(value);
        result[field.name] = list;
      } else result[field.name] = value;
    }
    at = end;
  }
  return result;
}

function fieldValue(bytes: Buffer, field: Field, depth: number): unknown {
  switch (field.kind) {
    case 'text':
      return bytes.toString('utf8');
    case 'hex':
      return bytes.toString('hex');
    case 'base64':
      return bytes.toString('base64');
    case 'varint':
      return Number(varint(bytes, 0).value);
    case 'signed':
      return BigInt.asIntN(64, varint(bytes, 0).value).toString();
    case 'flag':
      return varint(bytes, 0).value !== 0n;
    case 'fixed32':
      return bytes.readUInt32LE(0);
    case 'fixed64':
      return bytes.readBigUInt64LE(0).toString();
    case 'double':
      return bytes.readDoubleLE(0);
    case 'message':
      return readMessageBytes(bytes, field.message?.() ?? {}, depth + 1);
  }
}

/** Returns where the field's value ends. */
function endOf(bytes: Buffer, at: number, wire: number): number {
  let end: number;
  if (wire === WIRE.varint) end = varint(bytes, at).next;
  else if (wire === WIRE.fixed64) end = at + 8;
  else if (wire === WIRE.fixed32) end = at + 4;
  else if (wire === WIRE.bytes) {
    const length = varint(bytes, at);
    end = length.next + Number(length.value);
  } else throw new ProtobufError(`unknown wire type ${wire}`);
  if (end > bytes.length) throw new ProtobufError('the bytes end in the middle of a field');
  return end;
}

function varint(bytes: Buffer, at: number): { readonly value: bigint; readonly next: number } {
  let value = 0n;
  for (let i = 0; i < 10; i++) {
    const byte = bytes[at + i];
    if (byte === undefined) throw new ProtobufError('the bytes end in the middle of a number');
    value |= BigInt(byte & 0x7f) << BigInt(i * 7);
    if (byte < 0x80) return { value, next: at + i + 1 };
  }
  throw new ProtobufError('a number of more than ten bytes');
}
