import { type Context, context, type Span, trace } from '@opentelemetry/api';
import {
  type OutgoingMessage,
  type ReceiveInput,
  requestTraceHeader,
  setTraceHeader,
} from '../propagation/sqs.ts';
import { outgoingHeader } from '../propagation/xray.ts';

/** What the aws-sdk instrumentation tells of a call before it is made. */
export interface AwsCall {
  readonly request: {
    /** E.g. `SQS`. */
    readonly serviceName?: string;
    /** E.g. `SendMessage`. */
    readonly commandName: string;
    readonly commandInput: unknown;
  };
}

interface Batch<Entry> {
  readonly Entries?: readonly Entry[];
}

interface OutgoingEvent {
  TraceHeader?: string | undefined;
}

/** What the input of each call gets, so that a trace goes on from sender to receiver. */
const CALLS: Readonly<Record<string, (input: never, sender: Context) => void>> = {
  'SQS SendMessage': (input: OutgoingMessage, sender) => setTraceHeader(input, sender),
  'SQS SendMessageBatch': ({ Entries = [] }: Batch<OutgoingMessage>, sender) => {
    for (const entry of Entries) setTraceHeader(entry, sender);
  },
  'SQS ReceiveMessage': (input: ReceiveInput) => requestTraceHeader(input),
  'EventBridge PutEvents': ({ Entries = [] }: Batch<OutgoingEvent>, sender) => {
    for (const entry of Entries) entry.TraceHeader ??= outgoingHeader(sender);
  },
};

/**
 * A `preRequestHook` of the aws-sdk instrumentation: messages to SQS carry `AWSTraceHeader`, events
 * to EventBridge `TraceHeader`. What the app has set itself stays.
 *
 * @see docs/spec/propagation.md section 9
 */
export function traceMessages(span: Span, { request }: AwsCall): void {
  const { serviceName, commandName, commandInput } = request;
  if (typeof commandInput !== 'object' || commandInput === null) return;
  const call = `${serviceName} ${commandName}`;
  if (!Object.hasOwn(CALLS, call)) return;
  CALLS[call]?.(commandInput as never, trace.setSpan(context.active(), span));
}
