import type { Attributes } from '@opentelemetry/api';

type Fields = Readonly<Record<string, unknown>>;

/** Facts of the request that triggered an invocation, read from its event. */
export interface EventFacts {
  /** For the span of the invocation. */
  readonly attributes: Attributes;
  /** A copy of the request's headers, with names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The messages of an SQS batch. */
  readonly messages: readonly SqsRecord[];
}

/** The facts of an event that cannot be read. */
export const NO_FACTS: EventFacts = { attributes: {}, headers: {}, messages: [] };

/** The fields of an SQS record that we read. */
export interface SqsRecord {
  readonly messageId?: unknown;
  readonly eventSourceARN?: unknown;
  readonly attributes?: { readonly AWSTraceHeader?: unknown } | undefined;
}

/** `eventSource` of a record → value of `faas.trigger`. */
const TRIGGERS: Readonly<Record<string, string>> = {
  'aws:sqs': 'pubsub',
  'aws:sns': 'pubsub',
  'aws:kinesis': 'pubsub',
  'aws:kafka': 'pubsub',
  'aws:mq': 'pubsub',
  'aws:rmq': 'pubsub',
  SelfManagedKafka: 'pubsub',
  'aws:s3': 'datasource',
  'aws:dynamodb': 'datasource',
  'aws:codecommit': 'datasource',
};

/**
 * Reads the facts of an event. Never changes the event.
 *
 * Supports requests of API Gateway (both formats), function URLs and load balancers; records of SQS,
 * SNS, Kinesis, Kafka, MQ, S3 and DynamoDB; scheduled events.
 */
export function eventFacts(event: unknown): EventFacts {
  const fields = object(event);
  const headers = headersOf(fields);
  const records = Array.isArray(fields['Records']) ? fields['Records'] : [];
  const source = text(object(records[0])['eventSource'] ?? object(records[0])['EventSource']);
  const http = httpAttributes(fields, headers);
  const trigger = http ? 'http' : (triggerOf(source) ?? timerOf(fields));
  return {
    attributes: { ...http, ...(trigger === undefined ? {} : { 'faas.trigger': trigger }) },
    headers,
    messages: source === 'aws:sqs' ? records.map((record) => object(record)) : [],
  };
}

function triggerOf(source: string | undefined): string | undefined {
  return source !== undefined && Object.hasOwn(TRIGGERS, source) ? TRIGGERS[source] : undefined;
}

function timerOf(event: Fields): 'timer' | undefined {
  const kinds = ['Scheduled Event', 'Scheduled'];
  return kinds.includes(text(event['detail-type']) ?? '') ? 'timer' : undefined;
}

function httpAttributes(event: Fields, headers: EventFacts['headers']): Attributes | undefined {
  const request = object(event['requestContext']);
  const http = object(request['http']);
  const method = text(http['method']) ?? text(event['httpMethod']);
  if (method === undefined) return undefined;
  const path = text(event['rawPath']) ?? text(event['path']) ?? text(http['path']) ?? '/';
  const host = headers['host'] ?? text(request['domainName']);
  const scheme = headers['x-forwarded-proto'] ?? 'https';
  const query = queryOf(event);
  return withoutBlanks({
    'http.request.method': method,
    'url.full':
      host === undefined
        ? undefined
        : `${scheme}://${hostAndPort(host, scheme, headers)}${path}${query}`,
    'url.path': host === undefined ? path : undefined,
    'http.route': routeOf(event),
    'user_agent.original':
      headers['user-agent'] ??
      text(http['userAgent']) ??
      text(object(request['identity'])['userAgent']),
    'client.address':
      text(http['sourceIp']) ??
      text(object(request['identity'])['sourceIp']) ??
      headers['x-forwarded-for']?.split(',')[0]?.trim(),
  });
}

/** A load balancer reports the port it listens on in `x-forwarded-port`. */
function hostAndPort(host: string, scheme: string, headers: EventFacts['headers']): string {
  const port = headers['x-forwarded-port'];
  const usual = scheme === 'http' ? '80' : '443';
  return port === undefined || port === usual || /:\d+$/.test(host) ? host : `${host}:${port}`;
}

function queryOf(event: Fields): string {
  const raw = text(event['rawQueryString']);
  if (raw !== undefined) return `?${raw}`;
  const search = new URLSearchParams();
  const several = object(event['multiValueQueryStringParameters']);
  const single = object(event['queryStringParameters']);
  for (const [key, value] of Object.entries({ ...single, ...several })) {
    for (const item of Array.isArray(value) ? value : [value]) search.append(key, String(item));
  }
  const written = search.toString();
  return written === '' ? '' : `?${written}`;
}

/** Returns the route of the API; `$default` is omitted because it matches every path. */
function routeOf(event: Fields): string | undefined {
  const key = text(event['routeKey']);
  const route = key === undefined ? text(event['resource']) : key.slice(key.indexOf(' ') + 1);
  return route === '$default' ? undefined : route;
}

function headersOf(event: Fields): EventFacts['headers'] {
  const headers: Record<string, string> = {};
  for (const [name, values] of Object.entries(object(event['multiValueHeaders']))) {
    const first: unknown = Array.isArray(values) ? values[0] : undefined;
    if (typeof first === 'string') headers[name.toLowerCase()] = first;
  }
  for (const [name, value] of Object.entries(object(event['headers']))) {
    if (typeof value === 'string') headers[name.toLowerCase()] = value;
  }
  return headers;
}

function withoutBlanks(attributes: Attributes): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined));
}

function object(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
