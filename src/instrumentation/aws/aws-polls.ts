import { type Context, createContextKey } from '@opentelemetry/api';
import type { AwsRequest } from './aws-call.ts';

/** Polling calls → the field of the result that contains the work. */
const POLLS: Readonly<Record<string, string>> = {
  'DynamoDBStreams GetRecords': 'Records',
  'Kinesis GetRecords': 'Records',
  'SFN GetActivityTask': 'taskToken',
  'SQS ReceiveMessage': 'Messages',
};

/**
 * Returns whether a call polls for work. Outside a trace, such a call is recorded only if it returns work:
 * an idle worker would otherwise create a trace every few seconds and use up the reservoir.
 */
export function isPoll({ serviceName, commandName }: AwsRequest): boolean {
  return Object.hasOwn(POLLS, `${serviceName} ${commandName}`);
}

/** Returns whether a poll returned nothing. */
export function isEmptyPoll({ serviceName, commandName }: AwsRequest, output: unknown): boolean {
  const field = POLLS[`${serviceName} ${commandName}`] ?? '';
  const found = (output as Readonly<Record<string, unknown>> | undefined)?.[field];
  return found === undefined || found === null || (Array.isArray(found) && found.length === 0);
}

const CONSUMER = createContextKey('otel-xray consumer');

/**
 * Returns a context for a library that receives messages and traces each of them: outside a trace, a
 * call that receives some is not recorded either.
 */
export function asConsumerPoll(context: Context): Context {
  return context.setValue(CONSUMER, true);
}

/** Returns whether a call is made by a library that traces what it receives. */
export function isConsumerPoll(context: Context): boolean {
  return context.getValue(CONSUMER) === true;
}
