import type { TranslatableSpan } from '../translator/span.ts';

interface OpenSpan {
  readonly span: TranslatableSpan;
  readonly startedMs: number;
}

/** Spans that are still running, oldest first. */
export interface OpenSpans {
  started(id: string, span: TranslatableSpan, nowMs: number): void;
  ended(id: string): void;
  /** Returns the spans that started at or before `startedMs`. Returns each span only once. */
  take(startedMs: number): readonly TranslatableSpan[];
}

/**
 * Creates an empty collection.
 *
 * @param limit maximum number of open spans; spans beyond it get no `in_progress` document
 */
export function createOpenSpans(limit: number): OpenSpans {
  const open = new Map<string, OpenSpan>();
  return {
    started(id, span, startedMs) {
      if (open.size < limit) open.set(id, { span, startedMs });
    },
    ended: (id) => void open.delete(id),
    take(startedMs) {
      const taken: TranslatableSpan[] = [];
      for (const [id, entry] of open) {
        if (entry.startedMs > startedMs) break;
        open.delete(id);
        taken.push(entry.span);
      }
      return taken;
    },
  };
}

/**
 * Returns a copy of a running span that the translator turns into an `in_progress` document. The
 * document of the finished span has the same id and replaces it.
 *
 * @see docs/spec/translation.md R1.6
 */
export function asInProgress(span: TranslatableSpan): TranslatableSpan {
  return {
    name: span.name,
    kind: span.kind,
    spanContext: () => span.spanContext(),
    parentSpanContext: span.parentSpanContext,
    parentSpanId: span.parentSpanId,
    startTime: span.startTime,
    endTime: span.startTime,
    status: span.status,
    attributes: { ...span.attributes, 'aws.xray.inprogress': true },
    links: span.links,
    events: span.events,
    resource: span.resource,
  };
}
