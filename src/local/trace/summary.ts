import { SEGMENT_TEXTS } from '../filter/fields.ts';
import { asObject, type JsonObject } from '../json.ts';
import type { Trace } from './assemble.ts';
import { keptAnnotations } from './compile.ts';
import {
  type Entity,
  flagsOf,
  httpRequestText,
  lengthOf,
  statusOf,
  toMicros,
  withDescendants,
} from './entity.ts';
import { summaryParts } from './labels.ts';
import { tokenSums } from './model-usage.ts';
import { type Node, nodeKey, nodeOf } from './node.ts';
import { rootCauses } from './root-causes.ts';
import { causeJson, serviceId } from './summary-causes.ts';

/** Maximum number of annotations that X-Ray indexes per trace. */
const MAX_ANNOTATIONS = 50;

type AnnotationValue = string | number | boolean;

/** Returns the `TraceSummary` of a trace (docs/spec/xray-api.md section 5.1). */
export function traceSummary(
  trace: Trace,
  {
    revision,
    matchedEventTime,
    details = false,
  }: {
    readonly revision: number;
    readonly matchedEventTime?: number | undefined;
    /** Adds `LocalDetails`, which X-Ray's reply does not have. */
    readonly details?: boolean | undefined;
  },
): object {
  const { root } = trace;
  const flags = root ? flagsOf(root.record) : undefined;
  const segments = [...trace.segments, ...trace.inferred];
  return {
    Id: trace.id,
    StartTime: trace.start,
    Duration: toMicros(trace.end - trace.start),
    ResponseTime: root && lengthOf(root),
    HasFault: flags?.fault ?? false,
    HasError: flags?.error ?? false,
    HasThrottle: segments.some(({ record }) => flagsOf(record).throttle),
    IsPartial: trace.partial,
    Http: root ? httpOf(root.record) : {},
    Annotations: annotations(trace),
    Users: users(trace),
    ServiceIds: distinctNodes(segments.map(nodeOf)).map(serviceId),
    ResourceARNs: distinctTexts(trace, 'resource.arn').map((ARN) => ({ ARN })),
    InstanceIds: distinctTexts(trace, 'instance.id').map((Id) => ({ Id })),
    AvailabilityZones: distinctTexts(trace, 'availabilityzone').map((Name) => ({ Name })),
    EntryPoint: root && serviceId(nodeOf(root)),
    FaultRootCauses: rootCauses(trace, 'fault').map((cause) => causeJson(cause, 'fault')),
    ErrorRootCauses: rootCauses(trace, 'error').map((cause) => causeJson(cause, 'error')),
    ResponseTimeRootCauses: rootCauses(trace, 'responsetime').map((cause) =>
      causeJson(cause, 'responsetime'),
    ),
    Revision: revision,
    MatchedEventTime: matchedEventTime,
    LocalDetails: details ? localDetails(trace) : undefined,
  };
}

function localDetails({ root, segments, orphans }: Trace): object {
  const { input, output } = tokenSums([
    ...segments.filter(({ caller }) => caller === undefined),
    ...orphans,
  ]);
  return { Command: root && commandText(root), Tokens: input + output || undefined };
}

/**
 * Returns what the root did, where it was no HTTP request: operation, resource, query or command.
 */
function commandText(root: Entity): string | undefined {
  const text = summaryParts(root)
    .filter((part) => !part.startsWith('['))
    .join(' ');
  return text === '' ? undefined : text;
}

function httpOf(record: JsonObject): object {
  return {
    HttpURL: httpRequestText(record, 'url'),
    HttpStatus: statusOf(record),
    HttpMethod: httpRequestText(record, 'method'),
    UserAgent: httpRequestText(record, 'user_agent'),
    ClientIp: httpRequestText(record, 'client_ip'),
  };
}

/** Returns each key's distinct values, with the services that carry them; the first 50 by time. */
function annotations(trace: Trace): object {
  const found: {
    readonly at: number;
    readonly key: string;
    readonly value: AnnotationValue;
    readonly node: Node | undefined;
  }[] = [];
  for (const top of [...trace.segments, ...trace.orphans]) {
    const node = top.kind === 'orphan' ? undefined : nodeOf(top);
    for (const { start, record } of withDescendants(top)) {
      const kept = keptAnnotations(asObject(record['annotations'])) ?? {};
      for (const [key, value] of Object.entries(kept)) found.push({ at: start, key, value, node });
    }
  }
  found.sort((a, b) => a.at - b.at);
  const byKey = new Map<string, Map<AnnotationValue, Node[]>>();
  let count = 0;
  for (const { key, value, node } of found) {
    const values = byKey.get(key) ?? new Map<AnnotationValue, Node[]>();
    if (!values.has(value)) {
      if (count === MAX_ANNOTATIONS) continue;
      count += 1;
    }
    byKey.set(key, values);
    values.set(value, [...(values.get(value) ?? []), ...(node ? [node] : [])]);
  }
  return Object.fromEntries(
    [...byKey].map(([key, values]) => [
      key,
      [...values].map(([value, nodes]) => ({
        AnnotationValue: annotationValue(value),
        ServiceIds: distinctNodes(nodes).map(serviceId),
      })),
    ]),
  );
}

function annotationValue(value: AnnotationValue): object {
  if (typeof value === 'string') return { StringValue: value };
  return typeof value === 'number' ? { NumberValue: value } : { BooleanValue: value };
}

function users(trace: Trace): readonly object[] {
  const nodes = new Map<string, Node[]>();
  for (const segment of trace.segments) {
    for (const user of SEGMENT_TEXTS['user']?.(segment) ?? []) {
      nodes.set(user, [...(nodes.get(user) ?? []), nodeOf(segment)]);
    }
  }
  return [...nodes].map(([user, of]) => ({
    UserName: user,
    ServiceIds: distinctNodes(of).map(serviceId),
  }));
}

function distinctTexts(trace: Trace, key: string): readonly string[] {
  const read = SEGMENT_TEXTS[key] ?? ((_: Entity) => []);
  return [...new Set(trace.segments.flatMap(read))];
}

function distinctNodes(nodes: readonly Node[]): readonly Node[] {
  return [...new Map(nodes.map((node) => [nodeKey(node), node])).values()];
}
