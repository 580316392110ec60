import { join } from 'node:path';
import { Hook } from '../loading/hooks.ts';
import { attempt } from '../wrap/guard.ts';
import { constructedBy, wrapMethods } from '../wrap/wrap-class.ts';
import { enqueueJob } from './job-run.ts';
import { jobSenders, runLinkedJob, untracedOutside, untracedPolling } from './job-senders.ts';

const NAME = 'bee-queue';

type RunJob = (this: unknown, job: Job) => unknown;

interface Queue {
  readonly name: string;
  /** Runs a job; made of the function of the app. */
  handler?: RunJob;
  process?(...args: unknown[]): unknown;
}

type QueueClass = new (...args: unknown[]) => Queue;

interface Job {
  readonly id?: unknown;
  readonly queue: Queue;
  save?(...args: unknown[]): unknown;
}

const JOB_FILE = join(NAME, 'lib/job.js');

const senders = jobSenders();

/**
 * Traces jobs of Bee-Queue (1 and 2), which have the name of their queue. Bee-Queue stores nothing but
 * the data of the app, so a job is linked to its request if the same process enqueued it.
 */
export class BeeQueueInstrumentation {
  readonly #hook: Hook = new Hook([NAME, JOB_FILE], {}, (exports, name) => {
    if (name === JOB_FILE) {
      wrapMethods((exports as { readonly prototype: Job }).prototype, { save: enqueuing });
      return exports;
    }
    const Queue = exports as QueueClass;
    wrapMethods(Queue.prototype, { process: running });
    return constructedBy(Queue, (construct, args) => untracedOutside(() => construct(args)));
  });

  disable(): void {
    this.#hook.unhook();
  }
}

function enqueuing(original: NonNullable<Job['save']>): NonNullable<Job['save']> {
  return function save(this: Job, ...args): unknown {
    const { name: queue } = this.queue;
    return enqueueJob({ instrumentation: NAME, system: NAME, queue }, (_span, sender) => {
      const saved = original.apply(this, args);
      senders.remember(saved, sender, () => idOf(this));
      return saved;
    });
  };
}

function running(original: NonNullable<Queue['process']>): NonNullable<Queue['process']> {
  return function process(this: Queue, ...args): unknown {
    const result = untracedPolling(() => original.apply(this, args));
    attempt(NAME, () => {
      if (this.handler !== undefined) this.handler = traced(this.handler);
    });
    return result;
  };
}

function traced(run: RunJob): RunJob {
  return function (this: unknown, job) {
    const { name } = job.queue;
    const attributes = { 'messaging.system': NAME, 'messaging.destination.name': name };
    const linked = { instrumentation: NAME, name, attributes, jobs: [idOf(job)] };
    return runLinkedJob(senders, linked, () => run.call(this, job));
  };
}

/** Ids of jobs are unique in a queue. */
function idOf({ queue, id }: Job): string {
  return `${queue.name} ${id}`;
}
