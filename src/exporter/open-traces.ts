import { type Span, SpanKind } from '@opentelemetry/api';
import type { TranslatableSpan } from '../translator/span.ts';

/** A request or task whose first span has not ended. */
export interface OpenTrace {
  /** Its spans in the order of their start. May contain spans that have ended. */
  spans: Span[];
  /** Length of `spans` at which those that have ended are removed. */
  limit: number;
  /** Neighbours among the open traces. */
  older: OpenTrace | undefined;
  newer: OpenTrace | undefined;
}

/** The requests and tasks that run at the moment, oldest first. */
export interface OpenTraces {
  start(trace: OpenTrace, first: Span): void;
  add(trace: OpenTrace, span: Span): void;
  end(trace: OpenTrace): void;
  /** Returns the spans that have not ended of all traces that did not start with a call. */
  running(): readonly (Span & TranslatableSpan)[];
}

/**
 * More traces than this are not tracked; the oldest are dropped. An app that never ends some of its spans
 * keeps about 2 MB of them for this.
 */
const MAX_TRACES = 512;
const MIN_LIMIT = 64;

/**
 * Creates an empty collection: a list of traces that refer to their neighbours. A `Set` moves to a new
 * table again and again; tables in V8's old generation then keep the spans of later requests alive.
 */
export function createOpenTraces(): OpenTraces {
  let oldest: OpenTrace | undefined;
  let newest: OpenTrace | undefined;
  let count = 0;

  const remove = (trace: OpenTrace): void => {
    const { older, newer } = trace;
    // Not in the list.
    if (older === undefined && trace !== oldest) return;
    if (older === undefined) oldest = newer;
    else older.newer = newer;
    if (newer === undefined) newest = older;
    else newer.older = older;
    trace.older = undefined;
    trace.newer = undefined;
    count -= 1;
  };
  return {
    start(trace, first) {
      trace.limit = MIN_LIMIT;
      trace.spans.push(first);
      if (count >= MAX_TRACES && oldest !== undefined) remove(oldest);
      trace.older = newest;
      if (newest === undefined) oldest = trace;
      else newest.newer = trace;
      newest = trace;
      count += 1;
    },
    add(trace, span) {
      if (trace.spans.length >= trace.limit) {
        trace.spans = trace.spans.filter((each) => each.isRecording());
        trace.limit = Math.max(MIN_LIMIT, trace.spans.length * 2);
      }
      trace.spans.push(span);
    },
    end: remove,
    running() {
      const running: (Span & TranslatableSpan)[] = [];
      for (let trace = oldest; trace !== undefined; trace = trace.newer) {
        const [first] = trace.spans as (Span & TranslatableSpan)[];
        // A poll for work that waits when the process ends is no request.
        if (first?.isRecording() !== true || first.kind === SpanKind.CLIENT) continue;
        for (const span of trace.spans as (Span & TranslatableSpan)[])
          if (span.isRecording()) running.push(span);
      }
      return running;
    },
  };
}
