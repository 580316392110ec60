import { asObject, asText } from '../json.ts';
import { type Entity, type Flags, httpRequestText, statusOf, topOf } from './entity.ts';

/** What became of a request, worst first: X-Ray's own colours show these. */
export type StatusName = 'fault' | 'throttle' | 'error' | 'in progress' | 'ok';

/** The one word that the terminal and the page say of a segment or subsegment. */
export function statusName({ fault, throttle, error }: Flags, open: boolean): StatusName {
  if (fault) return 'fault';
  if (throttle) return 'throttle';
  if (error) return 'error';
  return open ? 'in progress' : 'ok';
}

/** `312 ms`, `4.21 s`, `85 µs`. */
export function durationText(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) return '';
  // 1 ms of epoch seconds is 999.9 µs by subtraction.
  if (Math.round(seconds * 1e6) === 1000) return '1 ms';
  if (seconds >= 100) return `${Math.round(seconds)} s`;
  if (seconds >= 1) return `${Number(seconds.toPrecision(3))} s`;
  if (seconds >= 0.001) return `${Number((seconds * 1e3).toPrecision(3))} ms`;
  return `${Math.round(seconds * 1e6)} µs`;
}

/** Where an AWS call goes, by the first of these fields. */
const TARGETS = ['table_name', 'queue_url', 'bucket_name', 'topic_arn', 'function_name'];

/** What a segment or subsegment did, in a few words: request, answer, operation, query. */
export function summaryParts(entity: Entity): readonly string[] {
  const { record, kind } = entity;
  const status = statusOf(record);
  const aws = asObject(record['aws']);
  const sql = asObject(record['sql']);
  const origin = asText(record['origin']);
  const parts = [
    [httpRequestText(record, 'method'), httpRequestText(record, 'url')].filter(Boolean).join(' '),
    status === undefined ? '' : `→ ${status}`,
    entity.parent ? asText(aws?.['operation']) : '',
    TARGETS.map((key) => asText(aws?.[key])).find(Boolean),
    asText(sql?.['sanitized_query']) ?? asText(sql?.['database_type']),
    kind === 'segment' && origin !== undefined ? `[${origin}]` : '',
    kind === 'orphan' && topOf(entity) === entity ? '(its parent has not arrived)' : '',
  ];
  return parts.filter((part): part is string => Boolean(part));
}
