import { asObject, asText } from '../json.ts';
import { commandOf } from './command.ts';
import { type Entity, type Flags, httpRequestText, statusOf, topOf } from './entity.ts';
import { modelText } from './model-usage.ts';
import { resourceName } from './resource-name.ts';

/** Status of a segment or subsegment, worst first. X-Ray has a color for each. */
export type StatusName = 'fault' | 'throttle' | 'error' | 'in progress' | 'ok';

/** Returns the status that the terminal and the page show for a segment or subsegment. */
export function statusName({ fault, throttle, error }: Flags, open: boolean): StatusName {
  if (fault) return 'fault';
  if (throttle) return 'throttle';
  if (error) return 'error';
  return open ? 'in progress' : 'ok';
}

/** Formats seconds as `312 ms`, `4.21 s` or `85 µs`. */
export function durationText(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) return '';
  // Subtracting epoch seconds gives 999.9 µs for 1 ms.
  if (Math.round(seconds * 1e6) === 1000) return '1 ms';
  if (seconds >= 100) return `${Math.round(seconds)} s`;
  if (seconds >= 1) return `${Number(seconds.toPrecision(3))} s`;
  if (seconds >= 0.001) return `${Number((seconds * 1e3).toPrecision(3))} ms`;
  return `${Math.round(seconds * 1e6)} µs`;
}

/** Fields of `aws` that name the resource of a call; the first one present is shown. */
const TARGETS = [
  'table_name',
  'queue_url',
  'bucket_name',
  'topic_arn',
  'function_name',
  'stream_name',
];

/**
 * Returns what a segment or subsegment did: request, response status, operation, resource, query,
 * model.
 */
export function summaryParts(entity: Entity): readonly string[] {
  const { record, kind } = entity;
  const status = statusOf(record);
  const aws = asObject(record['aws']);
  const sql = asObject(record['sql']);
  const origin = asText(record['origin']);
  const request = [httpRequestText(record, 'method'), httpRequestText(record, 'url')];
  const target = TARGETS.map((key) => asText(aws?.[key])).find(Boolean);
  const parts = [
    request.filter(Boolean).join(' '),
    status === undefined ? '' : `→ ${status}`,
    entity.parent ? asText(aws?.['operation']) : '',
    target && resourceName(target),
    asText(sql?.['sanitized_query']) ?? asText(sql?.['database_type']),
    sql === undefined && !request.some(Boolean) ? commandOf(record) : '',
    modelText(record),
    kind === 'segment' && origin !== undefined ? `[${origin}]` : '',
    kind === 'orphan' && topOf(entity) === entity ? '(parent not received)' : '',
  ];
  return parts.filter((part): part is string => Boolean(part));
}
