import { Hook } from '../loading/hooks.ts';
import { attempt } from '../wrap/guard.ts';
import { wrapMethods } from '../wrap/wrap-class.ts';
import { nameOfExpression } from './cron-name.ts';
import { tracedJob } from './job-run.ts';

const NAME = 'cron';

type Callback = (this: unknown, ...args: unknown[]) => unknown;

interface CronJob {
  readonly name?: unknown;
  readonly cronTime?: { readonly source?: unknown };
  /** Functions of the app, or `spawn` with the command of the app. */
  readonly _callbacks?: Callback[];
  fireOnTick?(...args: unknown[]): unknown;
}

/** Traces jobs of cron (1 and later): `cron` and the name of the job, its function, or its expression. */
export class CronInstrumentation {
  readonly #hook: Hook = new Hook([NAME], {}, (exports) => {
    const { CronJob } = exports as { readonly CronJob?: { readonly prototype: CronJob } };
    if (CronJob === undefined) return exports;
    wrapMethods(CronJob.prototype, {
      fireOnTick: (original) =>
        function fireOnTick(this: CronJob, ...args): unknown {
          attempt(NAME, () => traceCallbacks(this));
          return original.apply(this, args);
        },
    });
    return exports;
  });

  disable(): void {
    this.#hook.unhook();
  }
}

function traceCallbacks(job: CronJob): void {
  const callbacks = job._callbacks ?? [];
  for (const [index, callback] of callbacks.entries()) {
    // A command, which another process runs.
    if (callback.name === 'bound spawn') continue;
    callbacks[index] = tracedJob(NAME, () => nameOf(job, callback), callback);
  }
}

function nameOf({ name, cronTime }: CronJob, { name: functionName }: Callback): string {
  const ownName = /^(?:bound )?(?!onTick$|anonymous$)(.+)$/.exec(functionName)?.[1];
  return `${NAME} ${String(name || ownName || nameOfExpression(cronTime?.source))}`;
}
