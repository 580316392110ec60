import type { SpanTraits } from '../context/span-traits.ts';
import type { SpanEvent } from '../span.ts';
import { integerOf, textOf } from '../values/text.ts';
import { epochSeconds } from '../values/time.ts';

export const EXCEPTION_EVENT = 'exception';
export const SDK_FAILURE_EVENT = 'HTTP request failure';

/** Returns whether an event is a failed attempt of the AWS SDK, as the Collector recognizes it. */
export function isSdkFailure(event: SpanEvent, traits: SpanTraits): boolean {
  return event.name === SDK_FAILURE_EVENT && traits.isAwsSdk && sdkFailureText(event) !== undefined;
}

export function sdkFailureText(event: SpanEvent): string | undefined {
  const status = integerOf(event.attributes?.['http.response.status_code']);
  const message = textOf(event.attributes?.['aws.http.error_message']);
  if (status === undefined || message === undefined) return undefined;
  return `${status}@${(epochSeconds(event.time) ?? 0).toFixed(6)}@${message}`;
}
