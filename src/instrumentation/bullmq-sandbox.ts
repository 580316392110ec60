import { join } from 'node:path';
import { types } from 'node:util';
import { context, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { flushThread } from '../thread-flush.ts';
import { attempt } from './guard.ts';
import { wrapMethods } from './wrap-class.ts';

const NAME = 'bullmq';
/** Property of a job on its way to another process or thread that has the trace of its run. */
const CARRIER = 'otelXrayCarrier';

/** Runs in each process or thread that runs the file of an app. */
export const CHILD_FILE: string = join(NAME, 'dist/cjs/classes/child-processor.js');

export interface Job {
  /** Returns a new object, which is sent to the process. */
  asJSONSandbox?(...args: unknown[]): object;
}

type Processor = (this: unknown, ...args: unknown[]) => unknown;

interface ChildProcessor {
  /** Runs the function of the app; set when its file has been loaded. */
  processor?: Processor;
  start?(...args: unknown[]): unknown;
}

type SentJob = Record<string, unknown>;

/** Sends the trace of a job to the process or thread that runs it. */
export function sendTrace(prototype: Job): void {
  wrapMethods(prototype, {
    asJSONSandbox: (original) =>
      function asJSONSandbox(this: Job, ...args): object {
        const sent = original.apply(this, args);
        const carrier = {};
        attempt(NAME, () => propagation.inject(context.active(), carrier));
        return { ...sent, [CARRIER]: carrier };
      },
  });
}

/** Makes what the file of an app calls part of the run of its job, whose segment is in another process. */
export function joinTrace(exports: unknown): void {
  const { ChildProcessor } = exports as {
    readonly ChildProcessor?: { readonly prototype: ChildProcessor };
  };
  if (ChildProcessor === undefined) return;
  wrapMethods(ChildProcessor.prototype, {
    start: (original) =>
      function start(this: ChildProcessor, ...args): unknown {
        const within = attempt(NAME, () => contextOf(args[0] as SentJob)) ?? context.active();
        attempt(NAME, () => sendAtEnd(this));
        return context.with(within, () => original.apply(this, args));
      },
  });
}

const sending = new WeakSet<Processor>();

/** Sends what a job has called when it ends: the process may be ended next. */
function sendAtEnd(child: ChildProcessor): void {
  const { processor } = child;
  if (processor === undefined || sending.has(processor)) return;
  const sendsAtEnd: Processor = function (this: unknown, ...args) {
    const result = processor.apply(this, args);
    if (types.isPromise(result)) result.then(flushThread, flushThread);
    return result;
  };
  sending.add(sendsAtEnd);
  child.processor = sendsAtEnd;
}

/** Removes the trace from a job, which the app gets as it was enqueued. */
function contextOf(job: SentJob): ReturnType<typeof context.active> | undefined {
  const carrier = job[CARRIER];
  delete job[CARRIER];
  const sender = propagation.extract(ROOT_CONTEXT, carrier ?? {});
  const span = trace.getSpanContext(sender);
  if (span === undefined) return undefined;
  // Calls are subsegments of the job, and need no segment of their own.
  return trace.setSpanContext(sender, { ...span, isRemote: false });
}
