import { type Attributes, type Link, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { isRootOnly, parseTraceHeader, withTraceHeader } from '../propagation/index.ts';
import type { SqsRecord } from './event.ts';

/** The largest number of links in an X-Ray document. */
const MAX_LINKS = 100;

/** Name and options of the span of processing a batch of messages. */
export interface BatchSpan {
  readonly name: string;
  readonly attributes: Attributes;
  readonly links: Link[];
}

/**
 * Returns the span of an SQS batch, with one link for each distinct sender.
 *
 * A sender is never the parent: Lambda determines the trace of the invocation, and a batch has many
 * senders.
 *
 * @returns `undefined` without messages
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
    // A header without a parent names no span to link to.
    if (context === undefined || isRootOnly(context)) continue;
    const key = context.traceId + context.spanId;
    if (links.has(key)) continue;
    const id = typeof messageId === 'string' ? { 'messaging.message.id': messageId } : {};
    links.set(key, { context, attributes: id });
  }
  return [...links.values()];
}
