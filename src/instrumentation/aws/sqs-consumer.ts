import { URL } from 'node:url';
import { context, trace } from '@opentelemetry/api';
import { messageLinks } from '../../propagation/message-links.ts';
import { recordRejection, runJob } from '../jobs/job-run.ts';
import { Hook } from '../loading/hooks.ts';
import { attempt } from '../wrap/guard.ts';
import { wrapMethods } from '../wrap/wrap-class.ts';
import { asConsumerPoll } from './aws-polls.ts';

const NAME = 'sqs-consumer';

interface Consumer {
  readonly queueUrl: string;
  /** Receives messages; fails with an error of AWS. */
  receiveMessage?: Method;
  /** Runs the function of the app for a message, then deletes the message. Never rejects. */
  processMessage?: Method;
  processMessageBatch?: Method;
  /** Runs the function of the app; rejects with an error whose cause is that of the app. */
  executeHandler?: Method;
  executeBatchHandler?: Method;
}

type Method = (this: Consumer, ...args: unknown[]) => unknown;

/**
 * Traces messages of sqs-consumer (7 and later), by the name of their queue: what the function of the
 * app calls, and the call that deletes the message. A call that only receives messages makes no trace.
 */
export class SqsConsumerInstrumentation {
  readonly #hook: Hook = new Hook([NAME], {}, (exports) => {
    const { Consumer } = exports as { Consumer?: { readonly prototype: Consumer } };
    if (Consumer !== undefined) traceMessages(Consumer.prototype);
    return exports;
  });

  disable(): void {
    this.#hook.unhook();
  }
}

function traceMessages(prototype: Consumer): void {
  wrapMethods(prototype, {
    receiveMessage: (original) =>
      function receiveMessage(this: Consumer, ...args): unknown {
        return context.with(asConsumerPoll(context.active()), () => original.apply(this, args));
      },
    processMessage: (original) =>
      function processMessage(this: Consumer, message): unknown {
        return runMessages(this, [message], () => original.call(this, message));
      },
    processMessageBatch: (original) =>
      function processMessageBatch(this: Consumer, messages): unknown {
        const list = Array.isArray(messages) ? messages : [];
        return runMessages(this, list, () => original.call(this, messages));
      },
    executeHandler: recordingCause,
    executeBatchHandler: recordingCause,
  });
}

function runMessages(
  { queueUrl }: Consumer,
  messages: readonly unknown[],
  run: () => unknown,
): unknown {
  const queue = attempt(NAME, () => new URL(queueUrl).pathname.split('/').at(-1)) || 'SQS';
  const job = {
    instrumentation: NAME,
    name: queue,
    attributes: { 'messaging.system': 'aws_sqs', 'messaging.destination.name': queue },
    links: messageLinks(messages),
  };
  return runJob(job, run);
}

/** Records the error that the function of the app threw. */
function recordingCause(original: Method): Method {
  return function (this: Consumer, ...args): unknown {
    const span = trace.getActiveSpan();
    const result = original.apply(this, args);
    if (span !== undefined) recordRejection(NAME, span, result, causeOf);
    return result;
  };
}

function causeOf(error: unknown): unknown {
  return (error as { readonly cause?: unknown } | null)?.cause ?? error;
}
