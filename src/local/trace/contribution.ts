import type { Trace } from './assemble.ts';
import { callsOf } from './calls.ts';
import { type Entity, flagsOf } from './entity.ts';
import { type Node, nodeKey, nodeOf } from './node.ts';

/** Outcome of a request, each counted once: fault before error before ok; throttle is an error. */
export type Outcome = 'ok' | 'error' | 'throttle' | 'fault';
const OUTCOMES: readonly Outcome[] = ['ok', 'error', 'throttle', 'fault'];

/** `[start, end or null while in progress, index in OUTCOMES]`; seconds. */
type Request = readonly [start: number, end: number | null, outcome: number];

/**
 * Contribution of one trace to the trace map, stored beside it: the map of many traces
 * is then a sum.
 */
export interface Contribution {
  readonly nodes: readonly {
    readonly node: Node;
    /** Whether it sent a segment. */
    readonly sent: boolean;
    /** Whether a trace starts here. */
    readonly root: boolean;
    readonly requests: readonly Request[];
  }[];
  readonly edges: readonly {
    /** Indexes into `nodes`. */
    readonly from: number;
    readonly to: number;
    readonly requests: readonly Request[];
  }[];
}

export function outcomeOf(request: Request): Outcome {
  return OUTCOMES[request[2]] ?? 'ok';
}

/** Returns the requests of each node, from its segments, and of each edge, as its caller saw them. */
export function contributionOf(trace: Trace): Contribution {
  const places = new Map<string, number>();
  const nodes: { node: Node; sent: boolean; root: boolean; requests: Request[] }[] = [];
  const edges = new Map<string, { from: number; to: number; requests: Request[] }>();
  const place = (node: Node): number => {
    const key = nodeKey(node);
    const known = places.get(key);
    if (known !== undefined) return known;
    places.set(key, nodes.length);
    return nodes.push({ node, sent: false, root: false, requests: [] }) - 1;
  };
  for (const segment of [...trace.segments, ...trace.inferred]) {
    const at = nodes[place(nodeOf(segment))];
    if (at === undefined) continue;
    at.requests.push(requestOf(segment));
    if (segment.kind === 'segment') at.sent = true;
    if (segment.caller === undefined) at.root = true;
  }
  for (const { source, target, values } of callsOf(trace)) {
    const [from, to] = [place(source), place(target)];
    const key = `${from} ${to}`;
    const edge = edges.get(key) ?? { from, to, requests: [] };
    edges.set(key, edge);
    edge.requests.push(requestOf(values));
  }
  return { nodes, edges: [...edges.values()] };
}

function requestOf(entity: Entity): Request {
  const { fault, error, throttle } = flagsOf(entity.record);
  const outcome: Outcome = fault ? 'fault' : throttle ? 'throttle' : error ? 'error' : 'ok';
  return [entity.start, entity.end ?? null, OUTCOMES.indexOf(outcome)];
}
