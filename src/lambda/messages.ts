import type { Attributes, Link } from '@opentelemetry/api';
import { carrierLink, messageLinks } from '../propagation/message-links.ts';
import type { SqsRecord } from './event.ts';

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
    links: messageLinks(messages),
  };
}

function host(partition: string | undefined): string {
  return partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com';
}

/**
 * Returns links to the senders of events other than SQS batches:
 * - SNS: the message attributes of each record, by the configured propagators;
 * - EventBridge: the fields of `detail` with the names of trace headers;
 * - any other event, e.g. the input of a state machine: its own fields with these names.
 *
 * Services that trace on their own (API Gateway, SNS and Step Functions with active tracing,
 * EventBridge) name the parent in the header of the invocation instead.
 */
export function eventLinks(event: unknown): Link[] {
  const { Records, detail } = (event ?? {}) as {
    readonly Records?: unknown;
    readonly detail?: unknown;
  };
  if (Array.isArray(Records)) {
    return messageLinks(
      Records.map((record) => (record as { readonly Sns?: unknown } | null)?.Sns),
    );
  }
  const link = carrierLink(detail) ?? carrierLink(event);
  return link === undefined ? [] : [link];
}
