import { join } from 'node:path';
import { types } from 'node:util';
import { type Context, context, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { flushThread } from '../../thread-flush.ts';
import { attempt } from '../wrap/guard.ts';
import { wrapMethods } from '../wrap/wrap-class.ts';

const NAME = 'bullmq';
/** Command of a message with the trace of the job that starts next; BullMQ ignores what it does not know. */
const TRACE = 'otel-xray trace';

/** Runs in each process or thread that runs the file of an app. */
export const CHILD_FILE: string = join(NAME, 'dist/cjs/classes/child-processor.js');

interface Message {
  readonly cmd?: unknown;
  readonly carrier?: unknown;
}

/** A process or thread that runs files, seen from the worker. */
export interface Child {
  send?(message: Message): Promise<unknown>;
}

type Processor = (this: unknown, ...args: unknown[]) => unknown;

interface ChildProcessor {
  /** Runs the function of the app; set when its file has been loaded. */
  processor?: Processor;
  init?(...args: unknown[]): unknown;
  start?(...args: unknown[]): unknown;
  /** The process itself, or the port of the thread. */
  readonly receiver?: { on(event: 'message', listener: (message: unknown) => void): unknown };
}

/**
 * Sends the trace of a job to the process or thread that runs it, in a message before that of the job: the
 * app gets its job as it is, also where otel-xray does not run.
 *
 * @param start command of the message that starts a job
 */
export function sendTrace(prototype: Child, start: unknown): void {
  wrapMethods(prototype, {
    send: (original) =>
      function send(this: Child, message): Promise<unknown> {
        if (message?.cmd === start) {
          attempt(NAME, () => {
            const carrier = {};
            propagation.inject(context.active(), carrier);
            // The message of the job fails as well then.
            original.call(this, { cmd: TRACE, carrier }).catch(() => {});
          });
        }
        return original.call(this, message);
      },
  });
}

/** Traces that have arrived, by the object that runs their jobs. */
const carriers = new WeakMap<ChildProcessor, unknown>();

/** Makes what the file of an app calls part of the run of its job, whose segment is in another process. */
export function joinTrace(exports: unknown): void {
  const { ChildProcessor } = exports as {
    readonly ChildProcessor?: { readonly prototype: ChildProcessor };
  };
  if (ChildProcessor === undefined) return;
  wrapMethods(ChildProcessor.prototype, {
    init: (original) =>
      function init(this: ChildProcessor, ...args): unknown {
        attempt(NAME, () =>
          this.receiver?.on('message', (message) => {
            const { cmd, carrier } = Object(message) as Message;
            if (cmd === TRACE) carriers.set(this, carrier);
          }),
        );
        return original.apply(this, args);
      },
    start: (original) =>
      function start(this: ChildProcessor, ...args): unknown {
        const within = attempt(NAME, () => contextOf(this)) ?? context.active();
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

function contextOf(child: ChildProcessor): Context | undefined {
  const carrier = carriers.get(child);
  carriers.delete(child);
  const sender = propagation.extract(ROOT_CONTEXT, carrier ?? {});
  const span = trace.getSpanContext(sender);
  if (span === undefined) return undefined;
  // Calls are subsegments of the job, and need no segment of their own.
  return trace.setSpanContext(sender, { ...span, isRemote: false });
}
