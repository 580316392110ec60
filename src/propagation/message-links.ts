import { type Attributes, type Link, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { isRootOnly } from './span-context-flags.ts';
import { contextFromSqsMessage } from './sqs.ts';

/** The largest number of links in an X-Ray document. */
const MAX_LINKS = 100;
/** Bodies are parsed only up to this length in characters, the limit of SNS. */
const MAX_BODY = 262_144;

type Fields = Readonly<Record<string, unknown>>;

/**
 * Returns one link for each distinct sender of messages.
 *
 * A message is one of SQS, as the client returns it or as a Lambda event has it, or the `Sns` field
 * of a record. The sender is read from the first of these sources that names a span:
 * 1. the system attribute `AWSTraceHeader`;
 * 2. the message attributes, by the configured propagators;
 * 3. the message attributes of an SNS notification in the body.
 *
 * Never throws; messages that cannot be read have no link.
 *
 * @see docs/spec/propagation.md section 9
 */
export function messageLinks(messages: readonly unknown[]): Link[] {
  const links = new Map<string, Link>();
  for (const message of messages) {
    if (links.size >= MAX_LINKS) break;
    const link = linkOf(message);
    const key = link === undefined ? '' : link.context.traceId + link.context.spanId;
    if (link !== undefined && !links.has(key)) links.set(key, link);
  }
  return [...links.values()];
}

/** Returns a link to the span that a carrier names by the configured propagators. */
export function carrierLink(carrier: unknown, attributes: Attributes = {}): Link | undefined {
  const fields = carrierOf(carrier);
  if (fields === undefined) return undefined;
  const context = trace.getSpanContext(propagation.extract(ROOT_CONTEXT, fields));
  return context === undefined || isRootOnly(context) ? undefined : { context, attributes };
}

function linkOf(message: unknown): Link | undefined {
  try {
    const fields = fieldsOf(message);
    const id = fields['messageId'] ?? fields['MessageId'];
    const attributes = typeof id === 'string' ? { 'messaging.message.id': id } : {};
    const context = trace.getSpanContext(contextFromSqsMessage(fields));
    // A header without a parent names no span to link to.
    if (context !== undefined && !isRootOnly(context)) return { context, attributes };
    return (
      carrierLink(fields['messageAttributes'] ?? fields['MessageAttributes'], attributes) ??
      carrierLink(attributesInBody(fields['body'] ?? fields['Body']), attributes)
    );
  } catch {
    // A message is the app's: a getter or a proxy may throw.
    return undefined;
  }
}

/**
 * Returns the propagation fields among message attributes as plain strings; each service names the
 * field of the value differently.
 *
 * @returns `undefined` without such fields, as most events and messages have none
 */
function carrierOf(attributes: unknown): Record<string, string> | undefined {
  if (attributes === undefined) return undefined;
  const all = fieldsOf(attributes);
  const names = propagation.fields();
  let carrier: Record<string, string> | undefined;
  for (const written of Object.keys(all)) {
    const name = written.toLowerCase();
    if (!names.includes(name)) continue;
    const attribute = all[written];
    const { stringValue, StringValue, Value } = fieldsOf(attribute);
    const value = stringValue ?? StringValue ?? Value ?? attribute;
    if (typeof value !== 'string') continue;
    carrier ??= {};
    carrier[name] = value;
  }
  return carrier;
}

/** Returns the attributes of an SNS notification that a queue received without raw delivery. */
function attributesInBody(body: unknown): unknown {
  if (typeof body !== 'string' || body.length > MAX_BODY) return undefined;
  if (!body.startsWith('{') || !propagation.fields().some((field) => body.includes(field))) {
    return undefined;
  }
  const { Type, MessageAttributes } = fieldsOf(JSON.parse(body));
  return Type === 'Notification' ? MessageAttributes : undefined;
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}
