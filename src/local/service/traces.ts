import { createHash } from 'node:crypto';
import { traceJson } from '../export/trace-json.ts';
import { FilterError } from '../filter/error.ts';
import { EVERYTHING, type Expression } from '../filter/expression.ts';
import { parseFilter } from '../filter/parse.ts';
import { indexTrace, type TraceIndex } from '../filter/trace-index.ts';
import type { JsonObject } from '../json.ts';
import { search } from '../search.ts';
import type { Trace } from '../trace/assemble.ts';
import { withDescendants } from '../trace/entity.ts';
import { traceSummary } from '../trace/summary.ts';
import { xrayTraceId } from '../trace/trace-id.ts';
import type { Operations, ServiceContext } from './context.ts';
import { invalid } from './errors.ts';
import type { Groups } from './groups.ts';
import {
  optionalFlag,
  optionalNumber,
  optionalObject,
  optionalText,
  requiredList,
  requiredRange,
} from './input.ts';
import { nextToken, pageOf, placeOf } from './paging.ts';

const PAGE = 100;
const PAGE_BYTES = 1024 * 1024;
/** A page that is not full by then is returned as it is; the next page has the rest. */
const PAGE_MS = 1_000;
const MAX_IDS = 100;
const REPLY_BYTES = 5 * 1024 * 1024;

const RANGE_TYPES = ['TraceId', 'Event', 'Service'] as const;
type RangeType = (typeof RANGE_TYPES)[number];

/** Returns the operations GetTraceSummaries and BatchGetTraces. */
export function traceOperations(context: ServiceContext, groups: Groups): Operations {
  return {
    '/TraceSummaries': (input) => summaries(input, context, groups),
    '/Traces': (input) => batch(input, context),
  };
}

/** Parses the filter expression of a request; throws X-Ray's error when it is invalid. */
export function expressionOf(text: string | undefined, groups: Groups): Expression {
  if (text === undefined) return EVERYTHING;
  try {
    return parseFilter(text, groups.lookup);
  } catch (error) {
    throw error instanceof FilterError ? invalid(error.message) : error;
  }
}

async function summaries(
  input: JsonObject,
  { store, ingester }: ServiceContext,
  groups: Groups,
): Promise<object> {
  ingester.flush();
  const { from, to } = requiredRange(input);
  const rangeType = (optionalText(input, 'TimeRangeType') ?? 'TraceId') as RangeType;
  if (!RANGE_TYPES.includes(rangeType)) {
    throw invalid(`TimeRangeType must be one of ${RANGE_TYPES.join(', ')}`);
  }
  const expression = expressionOf(optionalText(input, 'FilterExpression'), groups);
  const details = optionalFlag(input, 'LocalDetails');
  const sampling = samplingOf(input);
  const range = {
    from: sampling.scanned === undefined ? from : to - (to - from) * sampling.scanned,
    to,
    by: rangeType === 'TraceId' ? ('start' as const) : ('active' as const),
  };
  const [start, key] = placeOf(input, 2) ?? [];
  const after = start === undefined || key === undefined ? undefined : { start, key };
  const found: object[] = [];
  let bytes = 0;
  let last: { readonly start: number; readonly key: number } | undefined;
  const until = performance.now() + PAGE_MS;
  const eventTime = (traceIndex: TraceIndex) =>
    matchedEventTime(traceIndex.trace, rangeType, from, to);
  for await (const each of search(store, {
    range,
    expression,
    after,
    also: ({ trace }) =>
      (rangeType === 'TraceId' || eventTime(indexTrace(trace)) !== undefined) &&
      (sampling.kept === undefined || hashShare(trace.id) < sampling.kept),
  })) {
    const summary = traceSummary(each.traceIndex.trace, {
      revision: each.stored.revision,
      matchedEventTime: rangeType === 'TraceId' ? undefined : eventTime(each.traceIndex),
      details,
    });
    const size = JSON.stringify(summary).length;
    if (found.length > 0 && (found.length === PAGE || bytes + size > PAGE_BYTES)) {
      return page(last);
    }
    found.push(summary);
    bytes += size;
    last = { start: each.start, key: each.key };
    if (performance.now() > until) return page(last);
  }
  return page(undefined);

  function page(place: typeof last): object {
    return {
      TraceSummaries: found,
      ApproximateTime: range.from,
      TracesProcessedCount: store.countBetween({ ...range, condition: undefined }, after, place),
      NextToken: place && nextToken(input, [place.start, place.key]),
    };
  }
}

/**
 * Returns how a request samples traces: `kept` is the share of the traces, by their ids; `scanned`
 * is the share of the time range.
 */
function samplingOf(input: JsonObject): { readonly kept?: number; readonly scanned?: number } {
  const strategy = optionalObject(input, 'SamplingStrategy') ?? {};
  const name = optionalText(strategy, 'Name');
  const value = optionalNumber(strategy, 'Value', { min: 0, max: 1 });
  if (name !== undefined && name !== 'PartialScan' && name !== 'FixedRate') {
    throw invalid('SamplingStrategy.Name must be PartialScan or FixedRate');
  }
  if (optionalFlag(input, 'Sampling') !== true || value === undefined) return {};
  return name === 'FixedRate' ? { kept: value } : name === 'PartialScan' ? { scanned: value } : {};
}

/** Returns a number from 0 to 1 that depends on the trace id only, so all pages of a reply agree. */
function hashShare(traceId: string): number {
  return createHash('sha256').update(traceId).digest().readUInt32BE(0) / 2 ** 32;
}

/**
 * Returns the latest time inside the range at which the trace was active, or a segment of it ended.
 */
function matchedEventTime(
  trace: Trace,
  rangeType: RangeType,
  from: number,
  to: number,
): number | undefined {
  const inRange = (time: number): boolean => time >= from && time < to;
  const times =
    rangeType === 'Service'
      ? trace.segments.flatMap(({ end }) => (end === undefined ? [] : [end]))
      : [...trace.segments, ...trace.orphans].flatMap((top) =>
          [...withDescendants(top)].flatMap(({ start, end }) => [start, end ?? start]),
        );
  const inside = times.filter(inRange);
  return inside.length === 0 ? undefined : inside.reduce((a, b) => Math.max(a, b));
}

/** Returns the ids of a request, W3C forms in X-Ray's form. */
export function traceIdsOf(
  input: JsonObject,
): readonly { readonly asked: string; readonly id: string }[] {
  const ids = requiredList(input, 'TraceIds', MAX_IDS);
  if (ids.length === 0) throw invalid('TraceIds is required');
  return ids.map((asked) => {
    const id = typeof asked === 'string' ? xrayTraceId(asked) : undefined;
    if (id === undefined) throw invalid(`${JSON.stringify(asked)} is not a trace id`);
    return { asked: asked as string, id };
  });
}

function batch(input: JsonObject, { store, ingester }: ServiceContext): object {
  ingester.flush();
  const ids = traceIdsOf(input);
  const traces: object[] = [];
  const unknown: string[] = [];
  const { items, NextToken } = pageOf(input, ids, MAX_IDS);
  const skipped = ids.length - items.length;
  let bytes = 0;
  for (const [index, { asked, id }] of items.entries()) {
    const stored = store.trace(id);
    if (stored === undefined) {
      unknown.push(asked);
      continue;
    }
    const trace = traceJson(stored);
    const size = trace.Segments.reduce((sum, { Document }) => sum + Document.length, 0);
    if (traces.length > 0 && bytes + size > REPLY_BYTES) {
      return {
        Traces: traces,
        UnprocessedTraceIds: unknown,
        NextToken: nextToken(input, [skipped + index]),
      };
    }
    bytes += size;
    traces.push(trace);
  }
  return { Traces: traces, UnprocessedTraceIds: unknown, NextToken };
}
