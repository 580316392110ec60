import type { Trace } from './assemble.ts';
import { type Entity, topOf } from './entity.ts';
import { clientNode, type Node, nodeOf } from './node.ts';

/** A request on an edge of the trace map. */
export interface Call {
  readonly source: Node;
  /** The caller's segment; absent for the client. */
  readonly from: Entity | undefined;
  readonly target: Node;
  readonly to: Entity;
  /**
   * What flags, status and times are read from: the caller's subsegment, since an edge shows what
   * the caller saw; for the client, and where a segment names a segment as parent, the called one.
   */
  readonly values: Entity;
}

/** Returns every request between the nodes of a trace. */
export function callsOf(trace: Trace): readonly Call[] {
  const calls: Call[] = [];
  for (const to of [...trace.segments, ...trace.inferred]) {
    const target = nodeOf(to);
    const { caller } = to;
    if (caller === undefined) {
      calls.push({ source: clientNode(to), from: undefined, target, to, values: to });
      continue;
    }
    const from = topOf(caller);
    // The segment of an orphan is unknown, so its node is unknown, too.
    if (from.kind === 'orphan') continue;
    const values = caller.kind === 'segment' ? to : caller;
    calls.push({ source: nodeOf(from), from, target, to, values });
  }
  return calls;
}
