import type { AttributeReader } from '../context/attributes.ts';
import type { Settings } from '../context/options.ts';
import type { SpanTraits } from '../context/span-traits.ts';
import { LIMITS } from '../limits.ts';
import type { SpanAttributes, SpanEvent, TranslatableSpan } from '../span.ts';
import { epochSeconds } from '../values/time.ts';
import { EXCEPTION_EVENT, SDK_FAILURE_EVENT, sdkFailureText } from './cause.ts';
import { plainAttributes } from './links.ts';

/** Parts of an exception event that the `cause` tells. */
const TOLD: ReadonlySet<string> = new Set([
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
 * The events that no `cause` tells, for `metadata.events` (docs/spec/translation.md section 8.8,
 * B-45).
 *
 * An exception event with attributes beyond the standard ones is here with just these.
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
    const attributes = untoldAttributes(event, traits);
    if (attributes === undefined) continue;
    if (records.length === LIMITS.events) {
      reader.markTruncated('events');
      break;
    }
    records.push({
      name: String(event.name),
      time: epochSeconds(event.time),
      attributes: plainAttributes(attributes),
    });
  }
  return records.length === 0 ? undefined : records;
}

/** Whether an event is more than an exception that the `cause` tells whole. */
export function tellsMoreThanCause({ name, attributes = {} }: SpanEvent): boolean {
  return name !== EXCEPTION_EVENT || untoldKeys(attributes).length > 0;
}

/** `undefined` when the `cause` tells the whole event. */
function untoldAttributes(event: SpanEvent, traits: SpanTraits): SpanAttributes | undefined {
  const attributes = event.attributes ?? {};
  if (event.name === SDK_FAILURE_EVENT && traits.isAwsSdk) {
    return sdkFailureText(event) === undefined ? attributes : undefined;
  }
  if (event.name !== EXCEPTION_EVENT) return attributes;
  const untold = untoldKeys(attributes);
  if (untold.length === 0) return undefined;
  return Object.fromEntries(untold.map((key) => [key, attributes[key]]));
}

function untoldKeys(attributes: SpanAttributes): readonly string[] {
  return Object.keys(attributes).filter((key) => !TOLD.has(key));
}
