import { DOCUMENT_FIELDS, type SegmentDocument } from '../../translator/document.ts';
import {
  NO_UNMAPPED,
  type PartialDocument,
  type UnmappedAttributes,
  type UnmappedKey,
} from '../../translator/partial-document.ts';
import { withoutInherited } from '../../translator/values/json.ts';
import { fieldsWriter } from './block-writer.ts';
import type { ByteWriter } from './byte-writer.ts';
import { bytesOf, keyBytes, writeCached } from './fields.ts';
import { writeJson, writeMembers, writeMicros, writeNumber, writeString } from './json.ts';
import { traceKeyOf } from './trace-key.ts';
import { type WrittenDocument, writtenDocument } from './written-document.ts';

const NAME = bytesOf('{"name":');
const ID = keyBytes('id');
const START_TIME = keyBytes('start_time');
const END_TIME = keyBytes('end_time');
const METADATA = keyBytes('metadata');
const DEFAULT = keyBytes('default');

const writeOtherFields = fieldsWriter(DOCUMENT_FIELDS);

/**
 * Writes the fields of a document, without its children.
 *
 * @throws {TypeError} if it contains something that has no JSON
 */
export function writeDocument(out: ByteWriter, document: SegmentDocument): WrittenDocument {
  return writePartialDocument(out, {
    document,
    resourceMetadata: undefined,
    unmapped: NO_UNMAPPED,
  });
}

/**
 * Writes the same as {@link writeDocument} for `toDocument(partial)`, without creating that
 * document.
 */
export function writePartialDocument(out: ByteWriter, partial: PartialDocument): WrittenDocument {
  const { document } = partial;
  const start = out.length;
  out.writeBytes(NAME);
  writeString(out, document.name);
  out.writeBytes(ID);
  writeString(out, document.id);
  const middle = out.length;
  out.writeBytes(START_TIME);
  writeNumber(out, document.start_time);
  if (document.end_time !== undefined) {
    out.writeBytes(END_TIME);
    writeNumber(out, document.end_time);
  }
  writeBody(out, partial);
  return writtenDocument({
    id: document.id,
    traceId: traceKeyOf(document.trace_id),
    parentId: document.parent_id,
    subsegment: document.type === 'subsegment',
    finished: document.in_progress !== true,
    start,
    middle,
    end: out.length,
  });
}

/** Writes both times from microseconds since 1970. */
export function writeTimes(out: ByteWriter, startMicros: number, endMicros: number): void {
  out.writeBytes(START_TIME);
  writeMicros(out, startMicros);
  out.writeBytes(END_TIME);
  writeMicros(out, endMicros);
}

/** Writes all fields after name, id and times. */
export function writeBody(out: ByteWriter, partial: PartialDocument): void {
  writeOtherFields(out, withoutInherited(partial.document));
  writeMetadata(out, partial);
}

/** Writes the namespaces; `default` starts with the resource and ends with the unmapped attributes. */
function writeMetadata(
  out: ByteWriter,
  { document: { metadata }, resourceMetadata, unmapped }: PartialDocument,
): void {
  if (resourceMetadata === undefined && unmapped.keys.length === 0) {
    if (metadata === undefined) return;
    out.writeBytes(METADATA);
    writeJson(out, metadata);
    return;
  }
  out.writeBytes(METADATA);
  const start = out.length;
  out.writeBytes(DEFAULT);
  const startOfDefault = out.length;
  if (resourceMetadata !== undefined) writeCached(out, resourceMetadata, writeMembers);
  if (metadata?.['default'] !== undefined) writeMembers(out, metadata['default']);
  writeUnmapped(out, unmapped);
  out.closeObject(startOfDefault);
  if (metadata !== undefined) writeMembers(out, metadata, 'default');
  out.closeObject(start);
}

function writeUnmapped(out: ByteWriter, { keys, values }: UnmappedAttributes): void {
  for (let index = 0; index < keys.length; index += 1) {
    const key = keys[index] as UnmappedKey;
    key.json ??= keyBytes(key.name);
    out.writeBytes(key.json);
    writeJson(out, values[index]);
  }
}
