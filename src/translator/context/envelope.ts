import type { TranslatableSpan } from '../span.ts';
import { segmentId, w3cTraceId } from '../values/ids.ts';
import { epochMicros } from '../values/time.ts';
import type { DropReason, Settings } from './options.ts';
import { checkFirstTraceId, isTimely } from './trace-id-time.ts';

/** Identity and times of a document; times are microseconds since 1970. */
export interface Envelope {
  readonly id: string;
  /** The W3C trace id, which is X-Ray's without its dashes. */
  readonly traceId: string;
  readonly startMicros: number;
  /** `undefined` while the span is in progress. */
  readonly endMicros: number | undefined;
}

export interface FinishedEnvelope extends Envelope {
  readonly endMicros: number;
}

/**
 * Returns the identity and times of a finished span, or the reason why it cannot be translated
 * (docs/spec/translation.md section 1.1).
 */
export function envelopeOf(
  span: TranslatableSpan,
  settings: Settings,
): FinishedEnvelope | DropReason {
  const context = span.spanContext();
  const traceId = w3cTraceId(context.traceId);
  if (traceId === undefined) return 'no valid trace id';
  const id = segmentId(context.spanId);
  if (id === undefined) return 'no valid span id';
  const startMicros = epochMicros(span.startTime);
  if (startMicros === undefined) return 'no valid start time';
  checkFirstTraceId(traceId, settings);
  if (settings.validateTraceIdTime && !isTimely(traceId, settings)) {
    return 'trace id too old or in the future';
  }
  return { id, traceId, startMicros, endMicros: endMicrosOf(span, startMicros) };
}

/** Returns when a span ended: not before its start, which takes the place of an invalid end. */
export function endMicrosOf({ endTime }: TranslatableSpan, startMicros: number): number {
  return Math.max(startMicros, epochMicros(endTime) ?? startMicros);
}
