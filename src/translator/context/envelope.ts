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

/** An envelope that is used again, for callers that read many of them. */
export type ReusedEnvelope = {
  -readonly [Field in keyof FinishedEnvelope]: FinishedEnvelope[Field];
};

/** Returns an envelope for {@link readEnvelope}. */
export function newEnvelope(): ReusedEnvelope {
  return { id: '', traceId: '', startMicros: 0, endMicros: 0 };
}

/**
 * Returns the identity and times of a finished span, or the reason why it cannot be translated
 * (docs/spec/translation.md section 1.1).
 */
export function envelopeOf(
  span: TranslatableSpan,
  settings: Settings,
): FinishedEnvelope | DropReason {
  const envelope = newEnvelope();
  return readEnvelope(envelope, span, settings) ?? envelope;
}

/**
 * Reads the same into an existing object.
 *
 * @returns the reason if the span cannot be translated; the object is then not changed
 */
export function readEnvelope(
  into: ReusedEnvelope,
  span: TranslatableSpan,
  settings: Settings,
): DropReason | undefined {
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
  into.id = id;
  into.traceId = traceId;
  into.startMicros = startMicros;
  into.endMicros = Math.max(startMicros, epochMicros(span.endTime) ?? startMicros);
  return undefined;
}
