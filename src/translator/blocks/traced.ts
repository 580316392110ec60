import { names } from '../context/attributes.ts';
import { KIND } from '../context/span-traits.ts';
import type { TranslationContext } from '../context/translation-context.ts';

const NAMES = { traced: names('aws.xray.traced') } as const;

/**
 * Returns the `traced` flag of a subsegment, which tells X-Ray to wait for the segment of the
 * called service (B-23).
 *
 * @param httpStatus response status; `undefined` if there was no response
 */
export function tracedFlag(
  { reader, traits, settings }: TranslationContext,
  httpStatus: number | undefined,
): true | undefined {
  if (!traits.isCaller) return undefined;
  const explicit = reader.takeFlag(NAMES.traced);
  const isCall = settings.downstreamTraced && traits.kind === KIND.CLIENT && !traits.isAwsSdk;
  return explicit ?? (isCall && httpStatus !== undefined ? true : undefined);
}
