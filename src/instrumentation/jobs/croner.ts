import { Hook } from '../loading/hooks.ts';
import { attempt } from '../wrap/guard.ts';
import { wrapMethods } from '../wrap/wrap-class.ts';
import { nameOfExpression } from './cron-name.ts';
import { tracedJob } from './job-run.ts';

const NAME = 'croner';

interface Cron {
  readonly name?: unknown;
  /** The function of the app. */
  fn?: (this: unknown, ...args: unknown[]) => unknown;
  getPattern?(): unknown;
  /** Runs the function, by schedule or because the app calls `trigger()`. */
  _trigger?(...args: unknown[]): unknown;
}

/** Traces jobs of croner (6 and later): `cron` and the name of the job, its function, or its pattern. */
export class CronerInstrumentation {
  readonly #hook: Hook = new Hook([NAME], {}, (exports) => {
    // Earlier versions export the class itself.
    const Cron = (exports as { Cron?: unknown }).Cron ?? exports;
    if (typeof Cron !== 'function') return exports;
    wrapMethods(Cron.prototype as Cron, {
      _trigger: (original) =>
        function _trigger(this: Cron, ...args): unknown {
          attempt(NAME, () => {
            if (typeof this.fn === 'function') this.fn = tracedJob(NAME, nameOf(this), this.fn);
          });
          return original.apply(this, args);
        },
    });
    return exports;
  });

  disable(): void {
    this.#hook.unhook();
  }
}

function nameOf(job: Cron): string {
  return `cron ${String(job.name || job.fn?.name || nameOfExpression(job.getPattern?.()))}`;
}
