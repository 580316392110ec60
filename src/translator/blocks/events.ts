import type { AttributeReader } from '../context/attributes.ts';
import { isModelContent, isModelContentEvent } from '../context/model-keys.ts';
import type { Settings } from '../context/options.ts';
import type { SpanTraits } from '../context/span-traits.ts';
import { LIMITS } from '../limits.ts';
import type { SpanAttributes, SpanEvent, TranslatableSpan } from '../span.ts';
import { epochSeconds } from '../values/time.ts';
import { EXCEPTION_EVENT, SDK_FAILURE_EVENT, sdkFailureText } from './failure-events.ts';
import { plainAttributes } from './links.ts';

/** Attributes of an exception event that the `cause` contains. */
const CAUSE_KEYS: ReadonlySet<string> = new Set([
  'exception.type',
  'exception.message',
  'exception.stacktrace',
  'exception.escaped',
  'exception.code',
  'aws.xray.exception.id',
  'aws.xray.exception.remote',
]);

/** One event in `metadata.events`. */
interface EventRecord {
  readonly name: string;
  /** Epoch seconds. */
  readonly time: number | undefined;
  readonly attributes: Readonly<Record<string, unknown>> | undefined;
}

/**
 * Returns the events that the `cause` does not contain, for `metadata.events`
 * (docs/spec/translation.md section 8.8, B-45).
 *
 * Of an exception event, only attributes beyond the standard ones are included.
 */
export function eventRecords(
  span: TranslatableSpan,
  reader: AttributeReader,
  traits: SpanTraits,
  settings: Settings,
): readonly EventRecord[] | undefined {
  if (span.events.length === 0 || !settings.recordEvents) return undefined;
  const records: EventRecord[] = [];
  for (const event of span.events) {
    const attributes = remainingAttributes(event, traits, settings);
    if (attributes === undefined) continue;
    if (records.length === LIMITS.events) {
      reader.markTruncated('events');
      break;
    }
    records.push({
      name: String(event.name),
      time: epochSeconds(event.time),
      attributes: plainAttributes(attributes, settings),
    });
  }
  return records.length === 0 ? undefined : records;
}

/** Returns whether an event has anything that the `cause` does not contain. */
export function hasMoreThanCause({ name, attributes = {} }: SpanEvent): boolean {
  return name !== EXCEPTION_EVENT || remainingKeys(attributes).length > 0;
}

/** Returns `undefined` if the `cause` contains the whole event, or if it is not to be recorded. */
function remainingAttributes(
  event: SpanEvent,
  traits: SpanTraits,
  { recordMessageContent }: Settings,
): SpanAttributes | undefined {
  if (!recordMessageContent && isModelContentEvent(event.name)) return undefined;
  const attributes = recordMessageContent
    ? (event.attributes ?? {})
    : withoutContent(event.attributes ?? {});
  if (event.name === SDK_FAILURE_EVENT && traits.isAwsSdk) {
    return sdkFailureText(event) === undefined ? attributes : undefined;
  }
  if (event.name !== EXCEPTION_EVENT) return attributes;
  const remaining = remainingKeys(attributes);
  if (remaining.length === 0) return undefined;
  return Object.fromEntries(remaining.map((key) => [key, attributes[key]]));
}

function withoutContent(attributes: SpanAttributes): SpanAttributes {
  const keys = Object.keys(attributes);
  if (!keys.some(isModelContent)) return attributes;
  return Object.fromEntries(
    keys.filter((key) => !isModelContent(key)).map((key) => [key, attributes[key]]),
  );
}

function remainingKeys(attributes: SpanAttributes): readonly string[] {
  return Object.keys(attributes).filter((key) => !CAUSE_KEYS.has(key));
}
