import { asList, asNumber, asObject, asText, type JsonObject } from '../json.ts';
import type { Trace } from '../trace/assemble.ts';
import { keptAnnotations } from '../trace/compile.ts';
import {
  type Entity,
  flagsOf,
  httpRequestText,
  isCall,
  statusOf,
  topOf,
  withDescendants,
} from '../trace/entity.ts';

/** OTLP's numbers of span kinds. */
const KIND = { internal: 1, server: 2, client: 3 } as const;
const STATUS_ERROR = 2;

interface KeyValue {
  readonly key: string;
  readonly value: object;
}

/**
 * Converts the finished segments and subsegments of a trace to an OTLP/JSON trace request, for
 * viewers such as Jaeger. What X-Ray infers is left out.
 *
 * @param wanted says of each entity whether it is to be sent
 * @returns `undefined` when nothing is
 */
export function traceRequestOf(
  trace: Trace,
  wanted: (entity: Entity) => boolean,
): { readonly request: object; readonly ids: readonly string[] } | undefined {
  const ids: string[] = [];
  const resourceSpans = [...trace.segments, ...trace.orphans].flatMap((top) => {
    const spans = [...withDescendants(top)].filter(
      (entity) => entity.end !== undefined && wanted(entity),
    );
    ids.push(...spans.map(({ id }) => id));
    return spans.length === 0
      ? []
      : [
          {
            resource: { attributes: resourceOf(top) },
            scopeSpans: [
              {
                scope: { name: 'otel-xray/local' },
                spans: spans.map((each) => spanOf(each, trace.id)),
              },
            ],
          },
        ];
  });
  return resourceSpans.length === 0 ? undefined : { request: { resourceSpans }, ids };
}

function resourceOf(top: Entity): readonly KeyValue[] {
  const service = top.kind === 'orphan' ? 'unknown' : top.name;
  return keyValues({ 'service.name': service, 'aws.xray.origin': asText(top.record['origin']) });
}

function spanOf(entity: Entity, traceId: string): object {
  const { record } = entity;
  const { error, fault, throttle } = flagsOf(record);
  return {
    traceId: traceId.slice(2).replace('-', ''),
    spanId: entity.id,
    parentSpanId: (entity.parent ?? entity.caller)?.id ?? asText(record['parent_id']),
    name: entity.name,
    kind:
      topOf(entity) === entity && entity.kind === 'segment'
        ? KIND.server
        : isCall(record)
          ? KIND.client
          : KIND.internal,
    startTimeUnixNano: nanoseconds(entity.start),
    endTimeUnixNano: nanoseconds(entity.end ?? entity.start),
    attributes: keyValues({
      'http.request.method': httpRequestText(record, 'method'),
      'url.full': httpRequestText(record, 'url'),
      'user_agent.original': httpRequestText(record, 'user_agent'),
      'client.address': httpRequestText(record, 'client_ip'),
      'http.response.status_code': statusOf(record),
      'enduser.id': asText(record['user']),
      throttle: throttle || undefined,
      ...prefixed('sql.', asObject(record['sql'])),
      ...prefixed('aws.', asObject(record['aws'])),
      ...(keptAnnotations(asObject(record['annotations'])) ?? {}),
      ...metadata(asObject(record['metadata'])),
    }),
    events: exceptions(entity),
    status: error || fault ? { code: STATUS_ERROR } : {},
  };
}

function exceptions(entity: Entity): readonly object[] {
  return asList(asObject(entity.record['cause'])?.['exceptions']).map((each) => {
    const exception = asObject(each) ?? {};
    const stack = asList(exception['stack']).map((frame) => {
      const { path, line, label } = asObject(frame) ?? {};
      return `    at ${asText(label) ?? '<anonymous>'} (${asText(path) ?? ''}:${asNumber(line) ?? 0})`;
    });
    return {
      name: 'exception',
      timeUnixNano: nanoseconds(entity.end ?? entity.start),
      attributes: keyValues({
        'exception.type': asText(exception['type']),
        'exception.message': asText(exception['message']),
        'exception.stacktrace': stack.length === 0 ? undefined : stack.join('\n'),
      }),
    };
  });
}

/** Returns the primitive values of a block. */
function prefixed(prefix: string, block: JsonObject | undefined): JsonObject {
  return Object.fromEntries(
    Object.entries(block ?? {})
      .filter(([, value]) => typeof value !== 'object')
      .map(([key, value]) => [prefix + key, value]),
  );
}

function metadata(namespaces: JsonObject | undefined): JsonObject {
  return Object.fromEntries(
    Object.entries(namespaces ?? {}).map(([name, value]) => [
      `metadata.${name}`,
      JSON.stringify(value),
    ]),
  );
}

function keyValues(values: JsonObject): readonly KeyValue[] {
  return Object.entries(values).flatMap(([key, value]): readonly KeyValue[] => {
    if (typeof value === 'string') return [{ key, value: { stringValue: value } }];
    if (typeof value === 'boolean') return [{ key, value: { boolValue: value } }];
    if (typeof value !== 'number') return [];
    return [
      {
        key,
        value: Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value },
      },
    ];
  });
}

function nanoseconds(seconds: number): string {
  return `${BigInt(Math.round(seconds * 1e6)) * 1000n}`;
}
