import { join, parse } from 'node:path';
import type { MessagePort } from 'node:worker_threads';
import {
  type Context,
  context,
  propagation,
  ROOT_CONTEXT,
  type Span,
  trace,
} from '@opentelemetry/api';
import { recordError } from '../../api/errors.ts';
import { enterContext } from '../../context-storage.ts';
import { flushThread } from '../../thread-flush.ts';
import { Hook } from '../loading/hooks.ts';
import { attempt } from '../wrap/guard.ts';
import { wrapMethods } from '../wrap/wrap-class.ts';
import { enqueueJob, startJob } from './job-run.ts';

const NAME = 'piscina';
/** Field of a message of piscina to a worker that has the trace of the sender. */
const CARRIER = 'otelXrayCarrier';

const POOL_FILE = join(NAME, 'dist/index.js');
const SENDER_FILE = join(NAME, 'dist/worker_pool/index.js');
/** Runs in each worker, which listens for messages after it has loaded the second. */
const WORKER_FILE = join(NAME, 'dist/worker.js');
const COMMON_FILE = join(NAME, 'dist/common.js');

type Method<This> = (this: This, ...args: unknown[]) => unknown;

interface Task {
  readonly filename?: unknown;
  readonly name?: unknown;
}

interface Pool {
  readonly options?: Task;
  run?: Method<Pool>;
}

/** Sends tasks to one worker; the task keeps the asynchronous context of its call. */
interface Sender {
  readonly port: MessagePort;
  postTask?: Method<Sender>;
}

interface AsyncTask {
  runInAsyncScope<T>(run: () => T): T;
}

/**
 * Traces tasks of piscina (4.7 and later): `piscina`, the file, and the function unless it is the
 * default. In the request, a task is a subsegment that lasts until its result is there; in the
 * worker, it is a separate trace.
 */
export class PiscinaInstrumentation {
  readonly #hook: Hook = new Hook([POOL_FILE, SENDER_FILE, COMMON_FILE], {}, (exports, name) => {
    if (name === COMMON_FILE && isPoolWorker()) attempt(NAME, traceWorker);
    const { Piscina, WorkerInfo } = exports as {
      Piscina?: { readonly prototype: Pool };
      WorkerInfo?: { readonly prototype: Sender };
    };
    if (name === POOL_FILE && Piscina !== undefined)
      wrapMethods(Piscina.prototype, { run: tracedRun });
    if (WorkerInfo !== undefined) wrapMethods(WorkerInfo.prototype, { postTask: tracedPostTask });
    return exports;
  });

  disable(): void {
    this.#hook.unhook();
  }
}

function nameOf({ filename, name }: Task): string {
  const file = parse(String(filename)).name;
  return [NAME, file, name === 'default' ? undefined : name].filter(Boolean).join(' ');
}

function tracedRun(original: Method<Pool>): Method<Pool> {
  return function run(this: Pool, ...args): unknown {
    const queue = attempt(NAME, () => {
      const { filename, name } = (args[1] ?? {}) as Task;
      return nameOf({
        filename: filename ?? this.options?.filename,
        name: name ?? this.options?.name,
      });
    });
    const job = { instrumentation: NAME, system: NAME, queue: queue ?? NAME };
    return enqueueJob(job, () => original.apply(this, args));
  };
}

/** Ports whose messages have the trace of the sender of the task that is being posted. */
const carriers = new WeakMap<MessagePort, object | undefined>();

function tracedPostTask(original: Method<Sender>): Method<Sender> {
  return function postTask(this: Sender, ...args): unknown {
    const { port } = this;
    attempt(NAME, () => {
      const carrier = {};
      (args[0] as AsyncTask).runInAsyncScope(() => propagation.inject(context.active(), carrier));
      if (!carriers.has(port)) addCarriers(port);
      carriers.set(port, carrier);
    });
    try {
      return original.apply(this, args);
    } finally {
      carriers.set(port, undefined);
    }
  };
}

/** Messages are objects of piscina, not of the app. */
function addCarriers(port: MessagePort): void {
  wrapMethods(port, {
    postMessage: (original) =>
      function (this: MessagePort, ...args: unknown[]): void {
        const [message] = args;
        const carrier = carriers.get(port);
        if (carrier !== undefined && typeof message === 'object' && message !== null) {
          Object.assign(message, { [CARRIER]: carrier });
        }
        Reflect.apply(original, this, args);
      } as MessagePort['postMessage'],
  });
}

interface TaskMessage extends Task {
  readonly taskId: number;
  readonly [CARRIER]?: unknown;
}

interface ResultMessage {
  readonly taskId: number;
  readonly error: unknown;
}

function workerThreads(): typeof import('node:worker_threads') {
  return process.getBuiltinModule('node:worker_threads');
}

function isPoolWorker(): boolean {
  return process.argv[1]?.endsWith(WORKER_FILE) === true && !workerThreads().isMainThread;
}

/**
 * Traces the tasks of a worker thread, by its messages: the thread receives a task, and posts the
 * result. A worker without tasks is blocked, so its spans are sent before.
 */
function traceWorker(): void {
  const threads = workerThreads();
  const running = new Map<number, Span>();
  const ports = new WeakSet<object>();
  const onFirst = ({ port }: { readonly port?: MessagePort }): void => {
    if (port === undefined) return;
    attempt(NAME, () => watchTasks(port, running));
    ports.add(port);
  };
  // Called before the listener of piscina, which is added when this has returned.
  threads.parentPort?.on('message', onFirst);
  const { receiveMessageOnPort } = threads;
  threads.receiveMessageOnPort = (port) => {
    const received = receiveMessageOnPort(port);
    if (received !== undefined && ports.has(port)) {
      // Piscina runs the task when this has returned.
      attempt(NAME, () => enterContext(startTask(received.message as TaskMessage, running)));
    }
    return received;
  };
}

function watchTasks(port: MessagePort, running: Map<number, Span>): void {
  wrapMethods(port, {
    on: (original) =>
      function (this: MessagePort, event: string, listener: (message: TaskMessage) => void) {
        const onTask = (message: TaskMessage): void => {
          const within = attempt(NAME, () => startTask(message, running)) ?? ROOT_CONTEXT;
          context.with(within, listener, undefined, message);
        };
        return Reflect.apply(original, this, [event, event === 'message' ? onTask : listener]);
      } as MessagePort['on'],
    postMessage: (original) =>
      function (this: MessagePort, ...args: unknown[]): void {
        attempt(NAME, () => endTask(args[0] as ResultMessage, running));
        Reflect.apply(original, this, args);
      } as MessagePort['postMessage'],
  });
}

/** @returns the context in which the task runs */
function startTask(message: TaskMessage, running: Map<number, Span>): Context {
  const sender = trace.getSpanContext(propagation.extract(ROOT_CONTEXT, message[CARRIER] ?? {}));
  const links = sender === undefined ? [] : [{ context: sender }];
  const span = startJob({ instrumentation: NAME, name: nameOf(message), links });
  running.set(message.taskId, span);
  return trace.setSpan(ROOT_CONTEXT, span);
}

function endTask({ taskId, error }: ResultMessage, running: Map<number, Span>): void {
  const span = running.get(taskId);
  if (span === undefined) return;
  running.delete(taskId);
  if (error !== null && error !== undefined) recordError(span, error);
  span.end();
  flushThread();
}
