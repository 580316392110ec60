import { type Attributes, type Link, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { isRootOnly, parseTraceHeader, withTraceHeader } from '../propagation/index.ts';
import type { SqsRecord } from './event.ts';

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
export function batchSpan(messages: readonly SqsRecord[]): BatchSpan | undefined {
  const [first] = messages;
  if (first === undefined) return undefined;
  const [, partition, , region, account, queue] = String(first.eventSourceARN ?? '').split(':');
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
        ? { 'aws.sqs.queue.url': `https://sqs.${region}.${host(partition)}/${account}/${queue}` }
        : {}),
    },
    links: linksOf(messages),
  };
}

function host(partition: string | undefined): string {
  return partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com';
}

function linksOf(messages: readonly SqsRecord[]): Link[] {
  const links = new Map<string, Link>();
  for (const { attributes, messageId } of messages) {
    if (links.size >= MAX_LINKS) break;
    const text = attributes?.AWSTraceHeader;
    const header = typeof text === 'string' ? parseTraceHeader(text) : undefined;
    if (header === undefined) continue;
    const context = trace.getSpanContext(withTraceHeader(ROOT_CONTEXT, header));
    // Without a parent in the header there is no span to point to.
    if (context === undefined || isRootOnly(context)) continue;
    const key = context.traceId + context.spanId;
    if (links.has(key)) continue;
    const id = typeof messageId === 'string' ? { 'messaging.message.id': messageId } : {};
    links.set(key, { context, attributes: id });
  }
  return [...links.values()];
}
