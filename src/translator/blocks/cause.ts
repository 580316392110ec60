import type { AttributeReader } from '../context/attributes.ts';
import type { Settings } from '../context/options.ts';
import type { SpanTraits } from '../context/span-traits.ts';
import { LIMITS } from '../limits.ts';
import type { TranslatableSpan } from '../span.ts';
import { truncate } from '../values/text.ts';
import { CAUSE_NAMES } from './cause-names.ts';
import { type Cause, exceptionsOf } from './exceptions.ts';

/**
 * Builds the `cause` of a document from the span's exception events, else from its status.
 *
 * @param language `telemetry.sdk.language` of the resource
 * @returns `undefined` if the span has no exception and no error status with a message or type
 * @see docs/spec/translation.md sections 4.2 and 4.3
 */
export function causeOf(
  span: TranslatableSpan,
  reader: AttributeReader,
  traits: SpanTraits,
  language: string | undefined,
  settings: Settings,
): Cause | undefined {
  const isFailed = span.status.code === 2 || reader.has(CAUSE_NAMES.grpcError);
  if (span.events.length === 0 && !isFailed) return undefined;
  return exceptionsOf(span, reader, traits, language, settings, isFailed);
}

/** Returns unparsed stack traces for metadata: one text, or a list. */
export function unparsedStacks(texts: readonly string[]): string | readonly string[] {
  const cutTexts = texts.map((text) => truncate(text, LIMITS.unparsedStack));
  return cutTexts.length === 1 ? (cutTexts[0] as string) : cutTexts;
}
