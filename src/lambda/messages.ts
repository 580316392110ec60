import {
  type Attributes,
  type Link,
  ROOT_CONTEXT,
  type SpanContext,
  trace,
} from '@opentelemetry/api';
import type { SqsRecord } from './event.ts';
import type { ExtractHeader } from './parent.ts';

/** X-Ray documents carry at most this many. */
const MAX_LINKS = 100;

/** Name and options of the span that stands for processing a batch of messages. */
export interface BatchSpan {
  readonly name: string;
  readonly attributes: Attributes;
  readonly links: Link[];
}

/**
 * The batch of an SQS event: one link for each distinct upstream span, from the `AWSTraceHeader`
 * that SQS keeps beside a message.
 *
 * A message is never the parent: the invocation belongs to the trace that Lambda names, and a
 * batch has many senders.
 *
 * @returns `undefined` when there is no message
 */
export function batchSpan(
  messages: readonly SqsRecord[],
  extract: ExtractHeader,
): BatchSpan | undefined {
  const [first] = messages;
  if (first === undefined) return undefined;
  const [, , , region, account, queue] = String(first.eventSourceARN ?? '').split(':');
  return {
    name: `process ${queue ?? 'unknown'}`,
    attributes: {
      'faas.trigger': 'pubsub',
      'messaging.system': 'aws_sqs',
      'messaging.operation.name': 'process',
      'messaging.operation.type': 'process',
      ...(queue === undefined ? {} : { 'messaging.destination.name': queue }),
      ...(messages.length > 1 ? { 'messaging.batch.message_count': messages.length } : {}),
      ...(queue && region && account
        ? { 'aws.sqs.queue.url': `https://sqs.${region}.amazonaws.com/${account}/${queue}` }
        : {}),
    },
    links: linksOf(messages, extract),
  };
}

function linksOf(messages: readonly SqsRecord[], extract: ExtractHeader): Link[] {
  const links = new Map<string, Link>();
  for (const { attributes, messageId } of messages) {
    const header = attributes?.AWSTraceHeader;
    if (typeof header !== 'string' || links.size >= MAX_LINKS) continue;
    const context = trace.getSpanContext(extract(ROOT_CONTEXT, header));
    if (context === undefined) continue;
    const key = linkKey(context);
    if (links.has(key)) continue;
    const id = typeof messageId === 'string' ? { 'messaging.message.id': messageId } : {};
    links.set(key, { context, attributes: id });
  }
  return [...links.values()];
}

function linkKey({ traceId, spanId }: SpanContext): string {
  return `${traceId}${spanId}`;
}
