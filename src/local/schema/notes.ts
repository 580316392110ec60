import { asObject, type JsonObject } from '../json.ts';
import { isSubsegmentRecord } from '../trace/entity.ts';
import schema from './segment.schema.json' with { type: 'json' };
import { type Note, UNKNOWN_FIELD, validate } from './validate.ts';

export type { Note } from './validate.ts';

const ROOT = schema as unknown as JsonObject;
const DEFINITIONS = asObject(ROOT['$defs']) ?? {};

const OLD_SECONDS = 30 * 24 * 3600;
const AHEAD_SECONDS = 5 * 60;

/**
 * Returns where a document violates the document format. X-Ray still accepts the document,
 * but drops, truncates or does not index what the notes name.
 */
export function schemaNotes(record: JsonObject): readonly Note[] {
  const form = isSubsegmentRecord(record) ? 'independentSubsegment' : 'segment';
  return validate(record, asObject(DEFINITIONS[form]) ?? {}, ROOT);
}

/**
 * Returns the notes to show to users. Unknown fields of `aws` are left out: X-Ray accepts any, and the
 * X-Ray SDKs and `OTEL_XRAY_AWS_PARAMETERS` write parameters of a call there.
 */
export function documentNotes(record: JsonObject): readonly Note[] {
  return schemaNotes(record).filter(
    ({ path, reason }) => reason !== UNKNOWN_FIELD || !/(?:^|\.)aws\.[^.[]+$/.test(path),
  );
}

/**
 * Returns why the time in a trace id would be wrong to a strict X-Ray; `undefined` when it is not.
 * W3C trace ids have no time in them, and X-Ray takes those.
 *
 * @param now epoch seconds
 */
export function ageNote(traceId: string, now: number): string | undefined {
  const seconds = Number.parseInt(traceId.slice(2, 10), 16);
  const says = `the time in the trace id is ${new Date(seconds * 1000).toISOString()}`;
  if (seconds < now - OLD_SECONDS) return `${says}, more than 30 days ago`;
  if (seconds > now + AHEAD_SECONDS) return `${says}, more than 5 minutes in the future`;
  return undefined;
}
