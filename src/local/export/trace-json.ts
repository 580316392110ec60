import { MAX_TRACE_BYTES } from '../ingest.ts';
import type { StoredTrace } from '../store/store.ts';
import { assemble, type Trace } from '../trace/assemble.ts';
import { compiledDocuments } from '../trace/compile.ts';
import { toMicros } from '../trace/entity.ts';

/** A trace as BatchGetTraces returns it. */
export interface TraceJson {
  readonly Id: string;
  /** Seconds. */
  readonly Duration: number;
  readonly LimitExceeded: boolean;
  readonly Segments: readonly { readonly Id: string; readonly Document: string }[];
}

export function traceJson(
  stored: StoredTrace,
  trace: Trace = assemble(stored.id, stored.documents),
): TraceJson {
  return {
    Id: stored.id,
    Duration: toMicros(trace.end - trace.start),
    LimitExceeded: stored.bytes > MAX_TRACE_BYTES,
    Segments: compiledDocuments(trace, { inferred: true }).map((document) => ({
      Id: document.id,
      Document: JSON.stringify(document),
    })),
  };
}
