import { type Context, ROOT_CONTEXT } from '@opentelemetry/api';
import { parseTraceHeader, type TraceHeader } from './header.ts';
import { outgoingHeader, withTraceHeader } from './xray.ts';

/** The system attribute of the trace header; SQS counts it toward no quota. */
const ATTRIBUTE = 'AWSTraceHeader';

/** A message of a Lambda event (`attributes`) or of the SQS client (`Attributes`). */
export interface SqsMessage {
  readonly attributes?: Readonly<Record<string, string | undefined>> | undefined;
  readonly Attributes?: Readonly<Record<string, string | undefined>> | undefined;
}

/**
 * Returns the context of the sender of a message, to use as a parent or in a span link.
 *
 * @returns `context` unchanged if the message has no valid trace header
 */
export function contextFromSqsMessage(
  message: SqsMessage,
  context: Context = ROOT_CONTEXT,
): Context {
  const header = headerOf(message);
  return header === undefined ? context : withTraceHeader(context, header);
}

/** Returns whether the sender of a message was sampled; parses the header, unlike the X-Ray SDK's `SqsMessageHelper`. */
export function isSampled(message: SqsMessage): boolean {
  return headerOf(message)?.sampled === true;
}

function headerOf(message: SqsMessage | undefined): TraceHeader | undefined {
  const text = message?.attributes?.[ATTRIBUTE] ?? message?.Attributes?.[ATTRIBUTE];
  return typeof text === 'string' ? parseTraceHeader(text) : undefined;
}

interface SystemAttribute {
  readonly DataType: string;
  readonly StringValue?: string;
}

/** An entry of SendMessageBatch, or the input of SendMessage. */
export interface OutgoingMessage {
  MessageSystemAttributes?: Record<string, SystemAttribute> | undefined;
}

/** Gives a message the trace of a context; one that the app set itself stays. */
export function setTraceHeader(message: OutgoingMessage, context: Context): void {
  if (message.MessageSystemAttributes?.[ATTRIBUTE] != null) return;
  const header = outgoingHeader(context);
  if (header === undefined) return;
  message.MessageSystemAttributes = {
    ...message.MessageSystemAttributes,
    [ATTRIBUTE]: { DataType: 'String', StringValue: header },
  };
}

/** The input of ReceiveMessage. */
export interface ReceiveInput {
  AttributeNames?: string[] | null | undefined;
  MessageSystemAttributeNames?: string[] | null | undefined;
}

/** Asks SQS to hand the trace header over with each message. */
export function requestTraceHeader(input: ReceiveInput): void {
  const asked = [...(input.MessageSystemAttributeNames ?? []), ...(input.AttributeNames ?? [])];
  if (asked.some((name) => name === ATTRIBUTE || name === 'All')) return;
  // An older client knows the older name alone; a list that is there shows which one is known.
  const key =
    (input.AttributeNames ?? undefined) === undefined
      ? 'MessageSystemAttributeNames'
      : 'AttributeNames';
  input[key] = [...(input[key] ?? []), ATTRIBUTE];
}
