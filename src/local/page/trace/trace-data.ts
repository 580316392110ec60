import type { Entity } from '../../trace/entity.ts';
import { getTraceGraph, getTraces, readLocal } from '../api.ts';

import type { ArrivedTrace, LogLines } from '../local-types.ts';
import { mapOf, type ServiceMap } from '../map/graph.ts';
import { traceIdOf } from '../route.ts';
import { nextTask } from '../ui/later.tsx';
import { entitiesOf } from './entities.ts';

/** All data of the page of one trace. */
export interface TraceData {
  readonly id: string;
  readonly tops: readonly Entity[];
  /** The documents that BatchGetTraces returned. */
  readonly documents: readonly string[];
  /** Epoch seconds. */
  readonly start: number;
  readonly end: number;
  readonly limitExceeded: boolean;
  readonly map: ServiceMap;
  /** The received documents; absent when the store has deleted them. */
  readonly arrived: ArrivedTrace | undefined;
  readonly logs: LogLines;
}

const NO_LOGS: LogLines = { files: [], lines: [], more: false };

/** @returns `undefined` when there is no such trace */
export async function loadTrace(id: string, signal: AbortSignal): Promise<TraceData | undefined> {
  if (traceIdOf(id) === undefined) return undefined;
  const [trace] = await getTraces([id], signal);
  if (trace === undefined) return undefined;
  const [services, arrived, logs] = await Promise.all([
    getTraceGraph(id, signal),
    readLocal<ArrivedTrace>(`/local/traces/${id}`, signal).catch(unlessAborted(undefined)),
    readLocal<LogLines>(`/local/logs/${id}`, signal).catch(unlessAborted(NO_LOGS)),
  ]);
  const documents = trace.Segments.map(({ Document }) => Document);
  await nextTask();
  const tops = entitiesOf(documents);
  await nextTask();
  return {
    id: trace.Id,
    tops,
    documents,
    ...extentOf(tops),
    limitExceeded: trace.LimitExceeded === true,
    map: mapOf(services),
    arrived,
    logs,
  };
}

function unlessAborted<Value>(value: Value): (error: Error) => Value {
  return (error) => {
    if (error.name === 'AbortError') throw error;
    return value;
  };
}

/** Returns the earliest start and the latest end of all segments and subsegments. */
function extentOf(tops: readonly Entity[]): {
  readonly start: number;
  readonly end: number;
} {
  let start = Number.POSITIVE_INFINITY;
  let end = 0;
  const open = [...tops];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    start = Math.min(start, next.start);
    end = Math.max(end, next.end ?? next.start);
    for (const child of next.children) open.push(child);
    for (const child of next.downstream) open.push(child);
  }
  return tops.length === 0 ? { start: 0, end: 0 } : { start, end };
}
