import { type Context, propagation } from '@opentelemetry/api';
import { warnOnce } from '../../diagnostics.ts';
import { TRACE_HEADER } from '../../propagation/header-name.ts';
import {
  type OutgoingMessage,
  type ReceiveInput,
  requestTraceHeader,
  setTraceHeader,
} from '../../propagation/sqs.ts';
import { outgoingHeader } from '../../propagation/xray.ts';

/** A call of the AWS SDK before it is made. */
export interface AwsCall {
  /** E.g. `SQS`. */
  readonly serviceName?: string;
  /** E.g. `SendMessage`. */
  readonly commandName: string;
  /** A copy of the app's input, which may be changed. */
  readonly commandInput: unknown;
}

interface MessageAttribute {
  readonly DataType: string;
  readonly StringValue?: string;
}

interface Message extends OutgoingMessage {
  MessageAttributes?: Record<string, MessageAttribute> | null | undefined;
  readonly MessageBody?: unknown;
  readonly Message?: unknown;
}

interface ReceiveMessageInput extends ReceiveInput {
  MessageAttributeNames?: string[] | null | undefined;
}

interface OutgoingEvent {
  TraceHeader?: string | null | undefined;
}

/** SQS refuses messages with more attributes; SNS drops them on the way to a queue. */
const MAX_ATTRIBUTES = 10;
/** Message attributes count toward the message size; larger bodies leave no room for them. */
const MAX_BODY = 255_000;
/** The first ones are kept if there is no room for all. */
const ATTRIBUTE_ORDER: readonly string[] = ['traceparent', TRACE_HEADER, 'tracestate', 'baggage'];

/** How the input of each call carries the trace from the sender to the receiver. */
const CALLS: Readonly<Record<string, (input: never, sender: Context) => void>> = {
  'SQS SendMessage': (input: Message, sender) => traceSqsMessage(input, sender),
  'SQS SendMessageBatch': ({ Entries }: { readonly Entries?: unknown }, sender) => {
    for (const entry of objectsOf<Message>(Entries)) traceSqsMessage(entry, sender);
  },
  'SQS ReceiveMessage': (input: ReceiveMessageInput) => requestTrace(input),
  'SNS Publish': (input: Message, sender) => traceSnsMessage(input, sender),
  'SNS PublishBatch': (input: { readonly PublishBatchRequestEntries?: unknown }, sender) => {
    const entries = objectsOf<Message>(input.PublishBatchRequestEntries);
    for (const entry of entries) traceSnsMessage(entry, sender);
  },
  'EventBridge PutEvents': ({ Entries }: { readonly Entries?: unknown }, sender) => {
    for (const entry of objectsOf<OutgoingEvent>(Entries)) {
      entry.TraceHeader ??= outgoingHeader(sender);
    }
  },
};

/**
 * Adds the trace to the messages and events of a call: `AWSTraceHeader` and message attributes to
 * messages of SQS, message attributes to those of SNS, `TraceHeader` to events. Whatever the app set
 * itself stays.
 *
 * @param sender the context of the call's span
 * @see docs/spec/propagation.md section 9
 */
export function traceMessages(
  { serviceName, commandName, commandInput }: AwsCall,
  sender: Context,
): void {
  if (typeof commandInput !== 'object' || commandInput === null) return;
  const call = `${serviceName} ${commandName}`;
  if (Object.hasOwn(CALLS, call)) CALLS[call]?.(commandInput as never, sender);
}

function traceSqsMessage(message: Message, sender: Context): void {
  setTraceHeader(message, sender);
  const carrier = carrierFor(sender);
  // The system attribute contains the trace and counts toward no limit.
  delete carrier[TRACE_HEADER];
  addAttributes(message, carrier);
}

function traceSnsMessage(message: Message, sender: Context): void {
  const carrier = carrierFor(sender);
  if (addAttributes(message, carrier) || Object.keys(carrier).length === 0) return;
  warnOnce(
    `an SNS message has ${MAX_ATTRIBUTES} attributes or a large body, so it carries no trace context; ` +
      'its receivers are linked only if the topic has active tracing',
  );
}

function carrierFor(sender: Context): Record<string, string> {
  const carrier: Record<string, string> = {};
  propagation.inject(sender, carrier);
  return carrier;
}

/** @returns whether the message carries at least one entry */
function addAttributes(message: Message, carrier: Readonly<Record<string, string>>): boolean {
  const own = message.MessageAttributes ?? {};
  const names = Object.keys(carrier).sort((a, b) => rank(a) - rank(b));
  if (names.some((name) => Object.hasOwn(own, name))) return true;
  const body = message.MessageBody ?? message.Message;
  const isLarge = typeof body === 'string' && body.length > MAX_BODY;
  const room = isLarge ? 0 : MAX_ATTRIBUTES - Object.keys(own).length;
  const added = names.slice(0, Math.max(0, room)).map((name) => {
    const attribute: MessageAttribute = {
      DataType: 'String',
      StringValue: carrier[name] as string,
    };
    return [name, attribute] as const;
  });
  if (added.length === 0) return false;
  message.MessageAttributes = { ...own, ...Object.fromEntries(added) };
  return true;
}

function rank(name: string): number {
  const at = ATTRIBUTE_ORDER.indexOf(name);
  return at < 0 ? ATTRIBUTE_ORDER.length : at;
}

/** Asks SQS to return everything that may carry the trace with each message. */
function requestTrace(input: ReceiveMessageInput): void {
  requestTraceHeader(input);
  const names = Array.isArray(input.MessageAttributeNames) ? input.MessageAttributeNames : [];
  if (names.some((name) => name === 'All' || name === '.*')) return;
  input.MessageAttributeNames = [...new Set([...names, ...propagation.fields()])];
}

function objectsOf<T extends object>(list: unknown): readonly T[] {
  if (!Array.isArray(list)) return [];
  return list.filter((item) => typeof item === 'object' && item !== null) as T[];
}
