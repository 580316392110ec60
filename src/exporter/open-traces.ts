import { type Span, SpanKind } from '@opentelemetry/api';
import { createOpenList, type OpenEntry } from '../open-list.ts';
import { clearList, emptyList } from '../span-list.ts';
import type { TranslatableSpan } from '../translator/span.ts';

/** A request or task whose first span has not ended. */
export interface OpenTrace extends OpenEntry {
  /** Its spans in the order of their start. May contain spans that have ended. */
  spans: Span[];
  /** Length of `spans` at which those that have ended are removed. */
  limit: number;
}

/** The requests and tasks that run at the moment, oldest first. */
export interface OpenTraces {
  start(trace: OpenTrace, first: Span): void;
  add(trace: OpenTrace, span: Span): void;
  end(trace: OpenTrace): void;
  /** Forgets the spans of a trace that have all ended. */
  finish(trace: OpenTrace): void;
  /** Returns the spans that have not ended of all traces that did not start with a call. */
  running(): readonly (Span & TranslatableSpan)[];
}

/**
 * More traces than this are not tracked; the oldest are dropped. An app that never ends some of its spans
 * keeps about 2 MB of them for this.
 */
const MAX_TRACES = 512;
const MIN_LIMIT = 64;
/** Shared list for all traces without spans. Must not be modified: a `limit` of 0 replaces it. */
export const NO_SPANS: never[] = [];

/** Creates an empty collection. */
export function createOpenTraces(): OpenTraces {
  const open = createOpenList<OpenTrace>();
  return {
    start(trace, first) {
      trace.limit = MIN_LIMIT;
      trace.spans = emptyList();
      trace.spans.push(first);
      if (open.size >= MAX_TRACES) open.remove(open.oldest as OpenTrace);
      open.add(trace);
    },
    add(trace, span) {
      if (trace.spans.length >= trace.limit) {
        const { spans } = trace;
        trace.spans = spans.filter((each) => each.isRecording());
        clearList(spans);
        trace.limit = Math.max(MIN_LIMIT, trace.spans.length * 2);
      }
      trace.spans.push(span);
    },
    end: (trace) => open.remove(trace),
    finish(trace) {
      trace.limit = 0;
      clearList(trace.spans);
      trace.spans = NO_SPANS;
    },
    running: () =>
      open.all().flatMap(({ spans }) => {
        const [first] = spans as (Span & TranslatableSpan)[];
        // A poll for work that waits when the process ends is no request.
        if (first?.isRecording() !== true || first.kind === SpanKind.CLIENT) return [];
        return (spans as (Span & TranslatableSpan)[]).filter((span) => span.isRecording());
      }),
  };
}
