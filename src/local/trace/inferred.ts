import { createHash } from 'node:crypto';
import type { JsonObject } from '../json.ts';
import { calledNode } from './node.ts';

export interface InferredRecord {
  readonly id: string;
  readonly name: string;
  readonly [field: string]: unknown;
}

/** Fields that an inferred segment copies from its call. */
const KEPT = ['http', 'aws', 'error', 'fault', 'throttle', 'cause'] as const;

/**
 * Returns the segment that X-Ray infers from a call to a service that sends none.
 *
 * @see docs/spec/xray-api.md section 5.0 item 4
 */
export function inferredRecord(
  traceId: string,
  call: {
    readonly id: string;
    readonly name: string;
    readonly start: number;
    readonly end: number | undefined;
    readonly record: JsonObject;
  },
): InferredRecord {
  const kept: Record<string, unknown> = {};
  for (const field of KEPT) {
    if (call.record[field] !== undefined) kept[field] = call.record[field];
  }
  return {
    id: inferredId(call.id),
    name: call.name,
    trace_id: traceId,
    parent_id: call.id,
    start_time: call.start,
    ...(call.end === undefined ? { in_progress: true } : { end_time: call.end }),
    origin: calledNode(call.record).type,
    inferred: true,
    ...kept,
  };
}

/** Returns the same id for the same call, in every run. */
function inferredId(callId: string): string {
  return createHash('sha256').update(`inferred ${callId}`).digest('hex').slice(0, 16);
}
