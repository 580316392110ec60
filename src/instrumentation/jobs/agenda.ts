import { join } from 'node:path';
import { types } from 'node:util';
import { Hook } from '../loading/hooks.ts';
import { constructedBy, wrapMethods } from '../wrap/wrap-class.ts';
import { enqueueJob } from './job-run.ts';
import {
  isInTrace,
  jobSenders,
  runLinkedJob,
  untracedOutside,
  untracedPolling,
} from './job-senders.ts';

const NAME = 'agenda';

interface Job {
  readonly attrs: { readonly name: string; readonly _id?: unknown };
}

type Method<This = unknown> = (this: This, ...args: unknown[]) => unknown;
/** A function of the app that runs a job; with a second parameter, it calls back. */
type Processor = (job: Job, done?: (error?: unknown, result?: unknown) => void) => unknown;

type AgendaClass = new (...args: unknown[]) => Record<string, Method>;

interface JobClass {
  readonly prototype: { save?: Method<Job>; runJob?: Method<Job> };
}

/** The file of version 4 and 5 that exports the class of jobs. */
const JOB_FILE = join(NAME, 'dist/job/index.js');

const senders = jobSenders();

/**
 * Traces jobs of Agenda (4 to 6): `agenda` and the name of the job. Agenda stores nothing but the data
 * of the app, so a job is linked to its request if the same process enqueued it.
 */
export class AgendaInstrumentation {
  readonly #hook: Hook = new Hook([NAME, JOB_FILE], {}, (exports) => {
    const { Agenda, Job } = exports as { Agenda?: AgendaClass; Job?: JobClass };
    if (Job?.prototype !== undefined) traceJobs(Job);
    if (typeof Agenda !== 'function') return exports;
    traceAgenda(Agenda, typeof Job?.prototype?.runJob === 'function');
    const built = constructedBy(Agenda, (construct, args) =>
      untracedOutside(() => construct(args)),
    );
    return withAgenda(exports as { Agenda: AgendaClass }, built);
  });

  disable(): void {
    this.#hook.unhook();
  }
}

/** Version 4 and 5 export the class itself. */
function withAgenda(exports: { Agenda: AgendaClass }, Agenda: AgendaClass): unknown {
  if (typeof exports !== 'function') {
    exports.Agenda = Agenda;
    return exports;
  }
  Object.defineProperty(exports, 'Agenda', { value: Agenda, configurable: true, writable: true });
  return Agenda;
}

function traceJobs({ prototype }: JobClass): void {
  wrapMethods(prototype, {
    save: (original) =>
      function save(this: Job): unknown {
        // A job with an id exists already.
        if (!isInTrace() || this.attrs._id !== undefined) {
          return untracedOutside(() => original.call(this));
        }
        const job = { instrumentation: NAME, system: NAME, queue: nameOf(this) };
        return enqueueJob(job, (_span, sender) => {
          const saved = original.call(this);
          if (types.isPromise(saved)) {
            senders.remember(saved, sender, () => this.attrs._id);
          }
          return saved;
        });
      },
    runJob: (original) =>
      function runJob(this: Job): unknown {
        return traced(this, () => original.call(this));
      },
  });
}

/** @param runsJobs whether the class of jobs has a method that runs the function of the app */
function traceAgenda(Agenda: AgendaClass, runsJobs: boolean): void {
  const untraced = (original: Method): Method =>
    function (this: unknown, ...args: unknown[]): unknown {
      return untracedPolling(() => original.apply(this, args));
    };
  wrapMethods(Agenda.prototype as Record<string, Method>, {
    start: untraced,
    stop: untraced,
    drain: untraced,
    ...(!runsJobs && {
      define: (original: Method) =>
        function define(this: unknown, ...args: unknown[]): unknown {
          const wrapped = args.map((arg) =>
            typeof arg === 'function' ? tracedProcessor(arg as Processor) : arg,
          );
          return original.apply(this, wrapped);
        },
    }),
  });
}

function tracedProcessor(processor: Processor): Processor {
  const run = (job: Job): unknown => traced(job, () => processor(job));
  const runWithCallback = (job: Job, done: NonNullable<Parameters<Processor>[1]>): unknown =>
    traced(
      job,
      () =>
        new Promise((resolve, reject) => {
          const result = processor(job, (error, value) => {
            if (error) reject(error);
            else resolve(undefined);
            done(error, value);
          });
          if (types.isPromise(result)) result.then(undefined, reject);
        }),
    );
  // Agenda tells the two forms by the number of parameters.
  return processor.length === 2 ? (runWithCallback as Processor) : run;
}

function traced(job: Job, run: () => unknown): unknown {
  const { _id: id } = job.attrs;
  return runLinkedJob(senders, { instrumentation: NAME, name: nameOf(job), jobs: [id] }, run);
}

function nameOf({ attrs }: Job): string {
  return `${NAME} ${attrs.name}`;
}
