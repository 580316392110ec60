import { context, type Span, trace } from '@opentelemetry/api';
import {
  type OutgoingMessage,
  type ReceiveInput,
  requestTraceHeader,
  setTraceHeader,
} from '../propagation/sqs.ts';

/** What the aws-sdk instrumentation tells of a call before it is made. */
interface AwsCall {
  readonly request: {
    /** E.g. `SQS`. */
    readonly serviceName?: string;
    /** E.g. `SendMessage`. */
    readonly commandName: string;
    readonly commandInput: unknown;
  };
}

interface BatchInput {
  readonly Entries?: readonly OutgoingMessage[];
}

/** What each command of SQS gets, so that a trace goes on from sender to receiver. */
const COMMANDS: Readonly<Record<string, (input: never, span: Span) => void>> = {
  SendMessage: (input: OutgoingMessage, span) => setTraceHeader(input, within(span)),
  SendMessageBatch: ({ Entries = [] }: BatchInput, span) => {
    for (const entry of Entries) setTraceHeader(entry, within(span));
  },
  ReceiveMessage: (input: ReceiveInput) => requestTraceHeader(input),
};

/**
 * A `preRequestHook` of the aws-sdk instrumentation: messages to SQS carry `AWSTraceHeader`.
 *
 * @see spec/propagation.md, SQS
 */
export function traceSqs(span: Span, { request }: AwsCall): void {
  const { serviceName, commandName, commandInput } = request;
  if (serviceName !== 'SQS' || typeof commandInput !== 'object' || commandInput === null) return;
  COMMANDS[commandName]?.(commandInput as never, span);
}

function within(span: Span): ReturnType<typeof context.active> {
  return trace.setSpan(context.active(), span);
}
