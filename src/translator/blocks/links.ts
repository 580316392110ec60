import type { AttributeReader } from '../context/attributes.ts';
import type { LinkBlock } from '../document.ts';
import { LIMITS } from '../limits.ts';
import type { SpanAttributes, TranslatableSpan } from '../span.ts';
import { segmentId, xrayTraceId } from '../values/ids.ts';
import { jsonValue, setOwn } from '../values/json.ts';

/**
 * The span's links (docs/spec/translation.md section 9); a link that names no span is left out
 * alone (B-05).
 *
 * @param isTimely whether a trace id's time is acceptable
 */
export function linksOf(
  span: TranslatableSpan,
  reader: AttributeReader,
  isTimely: (traceId: string) => boolean,
): readonly LinkBlock[] | undefined {
  if (span.links.length === 0) return undefined;
  const links: LinkBlock[] = [];
  for (const { context, attributes } of span.links) {
    const traceId = xrayTraceId(context.traceId);
    const id = segmentId(context.spanId);
    if (traceId === undefined || id === undefined || !isTimely(traceId)) {
      reader.markTruncated('links');
      continue;
    }
    if (links.length === LIMITS.links) {
      reader.markTruncated('links');
      break;
    }
    links.push({ trace_id: traceId, id, attributes: plainAttributes(attributes) });
  }
  return links.length === 0 ? undefined : links;
}

/** Attributes as JSON can say them; `undefined` when there are none. */
export function plainAttributes(
  attributes: SpanAttributes | undefined,
): Readonly<Record<string, unknown>> | undefined {
  if (attributes === undefined) return undefined;
  let plain: Record<string, unknown> | undefined;
  for (const key of Object.keys(attributes)) {
    const value = jsonValue(attributes[key]);
    if (value === undefined) continue;
    plain ??= {};
    setOwn(plain, key, value);
  }
  return plain;
}
