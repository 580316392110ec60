import type { Contribution } from '../trace/contribution.ts';
import { type Node, nodeKey } from '../trace/node.ts';
import { Statistics } from './statistics.ts';

interface GraphNode {
  readonly reference: number;
  readonly node: Node;
  sent: boolean;
  root: boolean;
  readonly statistics: Statistics;
  /** Start and end of a client node, which has no requests of its own, are those of its edges. */
  readonly outgoing: Statistics;
  readonly edges: Map<number, Statistics>;
}

/** Sums the contributions of traces to the trace map (docs/spec/xray-api.md section 5.4). */
export class Graph {
  readonly #nodes = new Map<string, GraphNode>();

  add({ nodes, edges }: Contribution): void {
    const found = nodes.map(({ node, sent, root, requests }) => {
      const at = this.#node(node);
      at.sent ||= sent;
      at.root ||= root;
      for (const request of requests) at.statistics.add(request);
      return at;
    });
    for (const { from, to, requests } of edges) {
      const [source, target] = [found[from], found[to]];
      if (source === undefined || target === undefined) continue;
      const edge = source.edges.get(target.reference) ?? new Statistics();
      source.edges.set(target.reference, edge);
      for (const request of requests) {
        edge.add(request);
        source.outgoing.add(request);
      }
    }
  }

  /** The `Services` of a reply. */
  services(): readonly object[] {
    return [...this.#nodes.values()].map(serviceJson);
  }

  #node(node: Node): GraphNode {
    const key = nodeKey(node);
    let at = this.#nodes.get(key);
    if (at === undefined) {
      at = {
        reference: this.#nodes.size,
        node,
        sent: false,
        root: false,
        statistics: new Statistics(),
        outgoing: new Statistics(),
        edges: new Map(),
      };
      this.#nodes.set(key, at);
    }
    return at;
  }
}

function serviceJson(at: GraphNode): object {
  const { reference, node, sent, root, statistics, outgoing, edges } = at;
  const isClient = node.type === 'client';
  const histogram = isClient ? undefined : statistics.histogram();
  return {
    ReferenceId: reference,
    Name: node.name,
    Names: [node.name],
    Root: root || undefined,
    AccountId: node.accountId,
    Type: node.type,
    State: sent ? 'active' : 'unknown',
    ...(isClient ? outgoing.range : statistics.range),
    Edges: [...edges].map(([target, edge]) => ({
      ReferenceId: target,
      ...edge.range,
      SummaryStatistics: edge.summary(),
      ResponseTimeHistogram: edge.histogram(),
      Aliases: [],
    })),
    SummaryStatistics: isClient ? undefined : statistics.summary(),
    DurationHistogram: histogram,
    ResponseTimeHistogram: histogram,
  };
}
