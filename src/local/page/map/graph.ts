import type { Edge, HistogramEntry, Service, Statistics } from '../api-types.ts';

/** Number of requests by outcome; each counts once. */
export interface Outcomes {
  readonly ok: number;
  readonly error: number;
  readonly throttle: number;
  readonly fault: number;
  readonly total: number;
  /** Mean response time in seconds; `undefined` without requests. */
  readonly mean: number | undefined;
}

export interface MapNode {
  /** Stable between two replies. */
  readonly key: string;
  readonly name: string;
  /** `client`, `AWS::Lambda::Function`, …; empty for a service that says none. */
  readonly type: string;
  readonly outcomes: Outcomes;
  readonly histogram: readonly HistogramEntry[];
  /** Requests per minute between the node's first and last one. */
  readonly perMinute: number;
}

export interface MapEdge {
  readonly key: string;
  readonly from: string;
  readonly to: string;
  readonly outcomes: Outcomes;
  readonly histogram: readonly HistogramEntry[];
}

export interface ServiceMap {
  readonly nodes: readonly MapNode[];
  readonly edges: readonly MapEdge[];
}

/** Returns the trace map of a reply of GetServiceGraph or GetTraceGraph. */
export function mapOf(services: readonly Service[]): ServiceMap {
  const keys = new Map(services.map((service) => [service.ReferenceId, keyOf(service)]));
  return {
    nodes: services.map(nodeOf),
    edges: services.flatMap((service) =>
      (service.Edges ?? []).flatMap((edge) => edgeOf(keyOf(service), edge, keys)),
    ),
  };
}

function keyOf({ Name, Type }: Service): string {
  return JSON.stringify([Name ?? '', Type ?? '']);
}

function nodeOf(service: Service): MapNode {
  const outcomes = outcomesOf(service.SummaryStatistics);
  const minutes = Math.max(((service.EndTime ?? 0) - (service.StartTime ?? 0)) / 60, 1);
  return {
    key: keyOf(service),
    name: service.Name ?? '',
    type: service.Type ?? '',
    outcomes,
    histogram: service.ResponseTimeHistogram ?? [],
    perMinute: outcomes.total / minutes,
  };
}

function edgeOf(from: string, edge: Edge, keys: ReadonlyMap<number, string>): readonly MapEdge[] {
  const to = keys.get(edge.ReferenceId);
  if (to === undefined) return [];
  return [
    {
      key: `${from}→${to}`,
      from,
      to,
      outcomes: outcomesOf(edge.SummaryStatistics),
      histogram: edge.ResponseTimeHistogram ?? [],
    },
  ];
}

export function outcomesOf(statistics: Statistics | undefined): Outcomes {
  const throttle = statistics?.ErrorStatistics?.ThrottleCount ?? 0;
  const total = statistics?.TotalCount ?? 0;
  return {
    ok: statistics?.OkCount ?? 0,
    error: (statistics?.ErrorStatistics?.TotalCount ?? 0) - throttle,
    throttle,
    fault: statistics?.FaultStatistics?.TotalCount ?? 0,
    total,
    mean: total > 0 ? (statistics?.TotalResponseTime ?? 0) / total : undefined,
  };
}

/** Returns the quantile of the response times, in seconds. */
export function quantile(histogram: readonly HistogramEntry[], share: number): number | undefined {
  const total = histogram.reduce((sum, { Count }) => sum + Count, 0);
  let seen = 0;
  for (const { Value, Count } of histogram) {
    seen += Count;
    if (seen >= share * total) return Value;
  }
  return undefined;
}
