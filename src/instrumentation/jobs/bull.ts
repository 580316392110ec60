import { Hook } from '../loading/hooks.ts';
import { attempt } from '../wrap/guard.ts';
import { wrapMethods } from '../wrap/wrap-class.ts';
import { enqueueJob } from './job-run.ts';
import { jobSenders, runLinkedJob } from './job-senders.ts';

const NAME = 'bull';

interface Job {
  readonly id?: unknown;
  readonly name?: string;
}

type RunJob = (this: unknown, job: Job) => unknown;

interface Queue {
  readonly name: string;
  /** What runs jobs, by the name of the job. */
  readonly handlers: Record<string, RunJob>;
  add?(...args: unknown[]): unknown;
  addBulk?(...args: unknown[]): unknown;
  setHandler?(name: string, handler: unknown): unknown;
}

/** Name of jobs to which the app gives none. */
const UNNAMED = '__default__';

const senders = jobSenders();

/**
 * Traces jobs of Bull (3 and 4): the name of the queue and of the job. Bull stores nothing but the data
 * of the app, so a job is linked to its request if the same process enqueued it.
 */
export class BullInstrumentation {
  readonly #hook: Hook = new Hook([NAME], {}, (exports) => {
    const { prototype } = exports as { readonly prototype?: Queue };
    if (prototype === undefined) return exports;
    wrapMethods(prototype, {
      add: enqueuing,
      addBulk: enqueuing,
      setHandler: (original) =>
        function setHandler(this: Queue, name, handler): unknown {
          const result = original.call(this, name, handler);
          attempt(NAME, () => {
            const run = this.handlers[name];
            if (run !== undefined) this.handlers[name] = traced(this, run);
          });
          return result;
        },
    });
    return exports;
  });

  disable(): void {
    this.#hook.unhook();
  }
}

/** Wraps a method of a queue that resolves to a job or to a list of jobs. */
function enqueuing(original: NonNullable<Queue['add']>): NonNullable<Queue['add']> {
  return function (this: Queue, ...args): unknown {
    const { name: queue } = this;
    return enqueueJob({ instrumentation: NAME, system: NAME, queue }, (_span, sender) => {
      const added = original.apply(this, args);
      senders.remember(added, sender, (jobs) =>
        [jobs as Job | readonly Job[]].flat().map((job) => idIn(queue, job)),
      );
      return added;
    });
  };
}

function traced({ name: queue }: Queue, run: RunJob): RunJob {
  return function (this: unknown, job) {
    const name = job.name === UNNAMED ? queue : `${queue} ${job.name}`;
    const attributes = { 'messaging.system': NAME, 'messaging.destination.name': queue };
    const linked = { instrumentation: NAME, name, attributes, jobs: [idIn(queue, job)] };
    return runLinkedJob(senders, linked, () => run.call(this, job));
  };
}

/** Ids of jobs are unique in a queue. */
function idIn(queue: string, job: Job | undefined): string {
  return `${queue} ${job?.id}`;
}
