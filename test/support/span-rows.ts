import type { Tracing } from './tracing.ts';

/** Returns name, parent, route and errors of each span, in the order of their ends. */
export function spanRows(tracing: Pick<Tracing, 'spans'>): readonly unknown[] {
  const spans = tracing.spans();
  const names = new Map(spans.map((span) => [span.spanContext().spanId, span.name]));
  return spans.map(({ name, parentSpanContext, attributes, events }) => [
    name,
    names.get(parentSpanContext?.spanId ?? ''),
    attributes['http.route'],
    ...events.map((event) => event.attributes?.['exception.message']),
  ]);
}
