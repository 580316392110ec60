import { xrayForm } from '../../trace-id.ts';
import { attributeKey, displayValue } from '../context/attribute-keys.ts';
import type { Settings } from '../context/options.ts';
import { isTimely } from '../context/trace-id-time.ts';
import type { TranslationContext } from '../context/translation-context.ts';
import type { LinkBlock } from '../document.ts';
import { LIMITS } from '../limits.ts';
import type { SpanAttributes } from '../span.ts';
import { segmentId, w3cTraceId } from '../values/ids.ts';
import { jsonValue, setOwn } from '../values/json.ts';

/**
 * Returns the links of a span (docs/spec/translation.md section 9). Links without a valid span
 * context are left out (B-05).
 */
export function linkBlocks({
  span,
  reader,
  settings,
}: TranslationContext): readonly LinkBlock[] | undefined {
  if (span.links.length === 0) return undefined;
  const links: LinkBlock[] = [];
  for (const { context, attributes } of span.links) {
    const traceId = w3cTraceId(context.traceId);
    const id = segmentId(context.spanId);
    const isValid =
      traceId !== undefined &&
      id !== undefined &&
      (!settings.validateTraceIdTime || isTimely(traceId, settings));
    if (!isValid) {
      reader.markTruncated('links');
      continue;
    }
    if (links.length === LIMITS.links) {
      reader.markTruncated('links');
      break;
    }
    links.push({
      trace_id: xrayForm(traceId),
      id,
      attributes: plainAttributes(attributes, settings),
    });
  }
  return links.length === 0 ? undefined : links;
}

/** Returns attributes as JSON values, without secrets; `undefined` if there are none. */
export function plainAttributes(
  attributes: SpanAttributes | undefined,
  settings: Settings,
): Readonly<Record<string, unknown>> | undefined {
  if (attributes === undefined) return undefined;
  let plain: Record<string, unknown> | undefined;
  for (const key of Object.keys(attributes)) {
    const value = jsonValue(displayValue(attributeKey(key), attributes[key], settings));
    if (value === undefined) continue;
    plain ??= {};
    setOwn(plain, key, value);
  }
  return plain;
}
