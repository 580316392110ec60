import { join } from 'node:path';
import { markTraced, tracedJob } from '../../jobs/job-run.ts';
import { Hook } from '../../loading/hooks.ts';
import { attempt } from '../../wrap/guard.ts';
import { wrapMethods } from '../../wrap/wrap-class.ts';

const NAME = 'nest-schedule';
const PACKAGE = '@nestjs/schedule';

type Method = (this: unknown, ...args: unknown[]) => unknown;

interface Explorer {
  /** Returns a function for timers and `cron` that logs what the method of the app throws. */
  wrapFunctionInTryCatchBlocks?(method: Method, instance: object): Method;
}

/** The file that exports the class in versions before 12. */
const EXPLORER_FILE = join(PACKAGE, 'dist/schedule.explorer.js');

/** Traces methods with `@Cron`, `@Interval` and `@Timeout` of Nest: `schedule Orders.sweep`. */
export class NestScheduleInstrumentation {
  readonly #hook: Hook = new Hook([PACKAGE, EXPLORER_FILE], {}, (exports) => {
    const { ScheduleExplorer } = exports as {
      readonly ScheduleExplorer?: { readonly prototype: Explorer };
    };
    if (ScheduleExplorer === undefined) return exports;
    wrapMethods(ScheduleExplorer.prototype, {
      wrapFunctionInTryCatchBlocks: (original) =>
        function wrapFunctionInTryCatchBlocks(this: Explorer, method, instance): Method {
          const name = attempt(NAME, () => `${instance.constructor.name}.${method.name}`);
          const job = tracedJob(NAME, `schedule ${name ?? method.name}`, method);
          const run = original.call(this, job, instance);
          markTraced(run);
          return run;
        },
    });
    return exports;
  });

  disable(): void {
    this.#hook.unhook();
  }
}
