import { segmentId, xrayTraceId } from './ids.ts';
import type { DropReason, Settings } from './options.ts';
import type { TranslatableSpan } from './span.ts';
import { epochSeconds } from './time.ts';
import { isTimely, watchTraceIdTime } from './trace-id-time.ts';

/** What a document says of its identity and time. */
export interface Envelope {
  readonly id: string;
  readonly traceId: string;
  /** Epoch seconds. */
  readonly start: number;
  /** Undefined while in progress. */
  readonly end: number | undefined;
}

/** Identity and times of a finished span, or why no document can be made of it (section 1.1). */
export function envelopeOf(span: TranslatableSpan, settings: Settings): Envelope | DropReason {
  const context = span.spanContext();
  const traceId = xrayTraceId(context.traceId);
  if (traceId === undefined) return 'no valid trace id';
  const id = segmentId(context.spanId);
  if (id === undefined) return 'no valid span id';
  const start = epochSeconds(span.startTime);
  if (start === undefined) return 'no valid start time';
  watchTraceIdTime(traceId, settings);
  if (settings.validateTraceIdTime && !isTimely(traceId, settings)) {
    return 'trace id too old or in the future';
  }
  return { id, traceId, start, end: Math.max(start, epochSeconds(span.endTime) ?? start) };
}
