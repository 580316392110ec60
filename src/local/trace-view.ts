import type { SegmentDocument } from '../translator/document.ts';
import type { StoredTrace } from './store/store.ts';
import { assemble, type Trace } from './trace/assemble.ts';
import { compiledDocuments } from './trace/compile.ts';
import { flagsOf, lengthOf, toMicros } from './trace/entity.ts';

/** A trace as tests, events and the tree receive it. */
export interface LocalTrace {
  readonly id: string;
  /** Starts at 1 and increases with each change. */
  readonly revision: number;
  /** Earliest start, epoch seconds. */
  readonly start: number;
  /** Seconds from the earliest start to the latest end. */
  readonly duration: number;
  /** Seconds of the root segment; absent while it runs. */
  readonly responseTime: number | undefined;
  /** Whether something is in progress or a parent is missing. */
  readonly partial: boolean;
  /** Of the root segment; `throttle` of any segment, as X-Ray has it. */
  readonly error: boolean;
  readonly fault: boolean;
  readonly throttle: boolean;
  /** Segments with all their subsegments in them, and subsegments whose parent has not arrived. */
  readonly documents: readonly SegmentDocument[];
}

export function localTrace(
  stored: StoredTrace,
  trace: Trace = assemble(stored.id, stored.documents),
): LocalTrace {
  const flags = trace.root ? flagsOf(trace.root.record) : { error: false, fault: false };
  return {
    id: stored.id,
    revision: stored.revision,
    start: trace.start,
    duration: toMicros(trace.end - trace.start),
    responseTime: trace.root && lengthOf(trace.root),
    partial: trace.partial,
    error: flags.error,
    fault: flags.fault,
    throttle: [...trace.segments, ...trace.inferred].some(({ record }) => flagsOf(record).throttle),
    documents: compiledDocuments(trace, { inferred: false }),
  };
}
