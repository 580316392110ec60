import { propagation } from '@opentelemetry/api';
import { onStart, type StartProcessor } from '../start-processor.ts';

/**
 * Returns a span processor that sets baggage entries as attributes on every span.
 *
 * @param keys names of entries; `*` stands for all entries
 * @see aws-observability/aws-otel-js-instrumentation, which defines `OTEL_BAGGAGE_SPAN_ATTRIBUTE_KEYS`
 */
export function baggageAttributes(keys: readonly string[]): StartProcessor {
  const all = keys.includes('*');
  const wanted = new Set(keys);
  return onStart((span, parentContext) => {
    for (const [key, { value }] of propagation.getBaggage(parentContext)?.getAllEntries() ?? []) {
      if (all || wanted.has(key)) span.setAttribute(key, value);
    }
  });
}
