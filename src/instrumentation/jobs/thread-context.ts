import {
  type Context,
  type ContextManager,
  context,
  propagation,
  ROOT_CONTEXT,
  trace,
} from '@opentelemetry/api';
import { flushThread } from '../../thread-flush.ts';

/** Key of the environment data of a worker thread that has the trace of its job. */
export const THREAD_CARRIER = 'otel-xray.carrier';

/**
 * Makes everything that a worker thread does part of the job that created it. Does nothing in a
 * thread without a job.
 */
export function joinJobOfThread(): void {
  const { getEnvironmentData, setEnvironmentData, parentPort } =
    process.getBuiltinModule('node:worker_threads');
  const carrier = getEnvironmentData(THREAD_CARRIER);
  if (typeof carrier !== 'object') return;
  // Threads that this one creates inherit it.
  setEnvironmentData(THREAD_CARRIER, undefined as never);
  const sender = propagation.extract(ROOT_CONTEXT, carrier);
  const span = trace.getSpanContext(sender);
  if (span === undefined) return;
  // The segment is one of this process: calls are its subsegments, and need no segment of their own.
  const job = trace.setSpanContext(sender, { ...span, isRemote: false });
  const manager = Reflect.get(context, '_getContextManager').call(context) as ContextManager;
  const { active } = manager;
  manager.active = function (this: ContextManager): Context {
    const current = active.call(this);
    return current === ROOT_CONTEXT ? job : current;
  };
  if (parentPort === null) return;
  // A job that reports its end is terminated.
  const { postMessage } = parentPort;
  parentPort.postMessage = function (
    this: typeof parentPort,
    ...args: Parameters<typeof postMessage>
  ) {
    flushThread();
    return postMessage.apply(this, args);
  };
}
