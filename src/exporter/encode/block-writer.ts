import type { FieldRow, FieldTable } from '../../translator/document.ts';
import { inheritsNothing } from '../../translator/values/json.ts';
import type { ByteWriter } from './byte-writer.ts';
import { keyBytes, writeCached } from './fields.ts';
import { writeJson, writeString } from './json.ts';

const COMMA = 44;
const OPEN_LIST = 91;
const CLOSE_LIST = 93;

type Write = (out: ByteWriter, value: unknown) => void;

/** A row of the field table, compiled for writing. */
interface FieldWriter {
  readonly name: string;
  /** `,"name":` */
  readonly key: Uint8Array;
  /** `undefined`: the caller writes this field. */
  readonly write: Write | undefined;
}

/**
 * Returns a function that writes the fields of a block in the order of the object's keys, each
 * preceded by a comma.
 *
 * A field without a row, such as a parameter that the app added to an `aws` block, is written as
 * JSON; only `undefined` and `separate` fields are left out. A block must inherit nothing that
 * `for…in` lists.
 */
export function fieldsWriter(fields: FieldTable): (out: ByteWriter, block: object) => void {
  const rows = Object.entries(fields).map(([name, row]) => fieldWriter(name, row));
  const byName = new Map(rows.map((row) => [row.name, row]));
  // Blocks are created by few object literals, so a key is usually at the same position as last
  // time.
  const byPosition = [...rows];
  const fieldAt = (position: number, key: string): FieldWriter => {
    const field = byName.get(key) ?? fieldWriter(key, 'value');
    if (position < byPosition.length) byPosition[position] = field;
    return field;
  };
  return (out, block) => {
    let position = 0;
    for (const key in block) {
      const value = (block as Readonly<Record<string, unknown>>)[key];
      if (value !== undefined) {
        let field = byPosition[position];
        if (field === undefined || field.name !== key) field = fieldAt(position, key);
        if (field.write !== undefined) {
          out.writeBytes(field.key);
          if (typeof value === 'string') writeString(out, value);
          else field.write(out, value);
        }
      }
      position += 1;
    }
  };
}

function fieldWriter(name: string, row: FieldRow): FieldWriter {
  return { name, key: keyBytes(name), write: row === 'separate' ? undefined : writerFor(row) };
}

function writerFor(row: Exclude<FieldRow, 'separate'>): Write {
  if (row === 'value') return writeJson;
  if (row === 'shared') return shared(writeJson);
  if (!isPair(row)) return block(fieldsWriter(row));
  const [form, fields] = row;
  const write = block(fieldsWriter(fields));
  return form === 'shared' ? shared(write) : list(write);
}

function isPair(
  row: FieldTable | readonly ['shared' | 'list', FieldTable],
): row is readonly ['shared' | 'list', FieldTable] {
  return Array.isArray(row);
}

/** Frozen objects are constants of the translator: the platform of a resource, a known stack. */
function shared(write: Write): Write {
  return (out, value) => {
    if (typeof value === 'object' && value !== null && Object.isFrozen(value)) {
      writeCached(out, value, write);
    } else write(out, value);
  };
}

/** Anything but a plain object is written as JSON. */
function block(fields: (out: ByteWriter, block: object) => void): Write {
  return (out, value) => {
    if (typeof value !== 'object' || value === null || !inheritsNothing(value)) {
      writeJson(out, value);
      return;
    }
    const start = out.length;
    fields(out, value);
    out.closeObject(start);
  };
}

function list(write: Write): Write {
  return (out, value) => {
    if (!Array.isArray(value)) {
      writeJson(out, value);
      return;
    }
    out.writeByte(OPEN_LIST);
    for (let index = 0; index < value.length; index += 1) {
      if (index > 0) out.writeByte(COMMA);
      write(out, value[index]);
    }
    out.writeByte(CLOSE_LIST);
  };
}
