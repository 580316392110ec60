import { FilterError } from '../filter/error.ts';
import type { Expression } from '../filter/expression.ts';
import { isNode } from '../filter/matches.ts';
import { parseEntitySelector } from '../filter/parse.ts';
import type { JsonObject } from '../json.ts';
import { keysOf, search } from '../search.ts';
import { assemble } from '../trace/assemble.ts';
import { type Contribution, contributionOf } from '../trace/contribution.ts';
import type { Operations, ServiceContext } from './context.ts';
import { invalid } from './errors.ts';
import { Graph } from './graph.ts';
import type { Groups } from './groups.ts';
import { optionalFlag, optionalNumber, optionalText, requiredRange } from './input.ts';
import { Statistics } from './statistics.ts';
import { expressionOf, traceIdsOf } from './traces.ts';

const DEFAULT_PERIOD = 60;
/** Maximum number of windows in a reply. */
const MAX_WINDOWS = 10_000;

/** Returns the operations GetTraceGraph, GetServiceGraph and GetTimeSeriesServiceStatistics. */
export function graphOperations(context: ServiceContext, groups: Groups): Operations {
  return {
    '/TraceGraph': (input) => {
      context.ingester.flush();
      const graph = new Graph();
      for (const { id } of traceIdsOf(input)) {
        const stored = context.store.trace(id);
        if (stored) graph.add(contributionOf(assemble(id, stored.documents)));
      }
      return { Services: graph.services() };
    },
    '/ServiceGraph': async (input) => {
      const { from, to } = requiredRange(input);
      const graph = new Graph();
      for await (const contribution of contributions(input, context, groups)) {
        graph.add(contribution);
      }
      return {
        StartTime: from,
        EndTime: to,
        Services: graph.services(),
        ContainsOldGroupVersions: false,
      };
    },
    '/TimeSeriesServiceStatistics': (input) => timeSeries(input, context, groups),
  };
}

/** Yields the contributions of the traces of a request's range and group. */
async function* contributions(
  input: JsonObject,
  { store, ingester }: ServiceContext,
  groups: Groups,
): AsyncGenerator<Contribution, void, undefined> {
  ingester.flush();
  const range = { ...requiredRange(input), by: 'active' as const };
  const text = groups.expressionOf(input);
  if (text === '') {
    for await (const key of keysOf(store, range)) {
      const contribution = store.contribution(key);
      if (contribution) yield contribution;
    }
    return;
  }
  const expression = expressionOf(text, groups);
  for await (const { traceIndex } of search(store, { range, expression })) {
    yield contributionOf(traceIndex.trace);
  }
}

async function timeSeries(
  input: JsonObject,
  context: ServiceContext,
  groups: Groups,
): Promise<object> {
  const { from, to } = requiredRange(input);
  const period =
    optionalNumber(input, 'Period', { min: 1, max: 2 ** 31, whole: true }) ?? DEFAULT_PERIOD;
  const selectorText = optionalText(input, 'EntitySelectorExpression', { min: 1, max: 500 });
  const selector = selectorOf(selectorText);
  if (optionalFlag(input, 'ForecastStatistics') === true && selector === undefined) {
    throw invalid('ForecastStatistics needs an EntitySelectorExpression');
  }
  const windows = new Map<number, Statistics>();
  for await (const contribution of contributions(input, context, groups)) {
    for (const request of requestsOf(contribution, selector)) {
      const at = Math.floor(request[0] / period) * period;
      if (request[0] < from || request[0] >= to || request[1] === null) continue;
      const window = windows.get(at) ?? new Statistics();
      windows.set(at, window);
      if (windows.size > MAX_WINDOWS) {
        throw invalid(`more than ${MAX_WINDOWS} windows of ${period} s; ask for a longer Period`);
      }
      window.add(request);
    }
  }
  const member =
    selector?.kind === 'service' ? 'ServiceSummaryStatistics' : 'EdgeSummaryStatistics';
  return {
    TimeSeriesServiceStatistics: [...windows]
      .sort(([a], [b]) => a - b)
      .map(([at, window]) => ({
        Timestamp: at,
        [member]: window.summary(),
        ResponseTimeHistogram: window.histogram(),
      })),
    ContainsOldGroupVersions: false,
  };
}

type Selector = Extract<Expression, { kind: 'service' | 'edge' }>;

function selectorOf(text: string | undefined): Selector | undefined {
  if (text === undefined) return undefined;
  try {
    return parseEntitySelector(text) as Selector;
  } catch (error) {
    throw error instanceof FilterError ? invalid(error.message) : error;
  }
}

/** Yields the requests on the chosen nodes, on the chosen edges, or on all edges. */
function* requestsOf(
  { nodes, edges }: Contribution,
  selector: Selector | undefined,
): Generator<Contribution['nodes'][number]['requests'][number]> {
  if (selector?.kind === 'service') {
    for (const { node, requests } of nodes) if (isNode(node, selector.node)) yield* requests;
    return;
  }
  for (const { from, to, requests } of edges) {
    const [source, target] = [nodes[from]?.node, nodes[to]?.node];
    const chosen =
      selector === undefined ||
      (source !== undefined &&
        target !== undefined &&
        isNode(source, selector.source) &&
        isNode(target, selector.target));
    if (chosen) yield* requests;
  }
}
