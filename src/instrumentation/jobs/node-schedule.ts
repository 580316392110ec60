import { Hook } from '../loading/hooks.ts';
import { wrapMethods } from '../wrap/wrap-class.ts';
import { runJob } from './job-run.ts';

const NAME = 'node-schedule';

interface Job {
  /** Set by node-schedule, with a counter and the time, if the app has none. */
  readonly name: string;
  readonly job?: { readonly name?: string };
  invoke?(...args: unknown[]): unknown;
}

/** Traces jobs of node-schedule (1 and later): `schedule` and the name of the job, or of its function. */
export class NodeScheduleInstrumentation {
  readonly #hook: Hook = new Hook([NAME], {}, (exports) => {
    const { Job } = exports as { readonly Job?: { readonly prototype: Job } };
    if (Job === undefined) return exports;
    wrapMethods(Job.prototype, {
      invoke: (original) =>
        function invoke(this: Job, ...args): unknown {
          const job = { instrumentation: NAME, name: `schedule ${nameOf(this)}` };
          return runJob(job, () => original.apply(this, args));
        },
    });
    return exports;
  });

  disable(): void {
    this.#hook.unhook();
  }
}

function nameOf({ name, job }: Job): string {
  return name.startsWith('<Anonymous Job ') ? job?.name || 'job' : name;
}
