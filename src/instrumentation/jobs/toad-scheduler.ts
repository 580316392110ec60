import { Hook } from '../loading/hooks.ts';
import { withExports } from '../loading/replace-exports.ts';
import { constructedBy } from '../wrap/wrap-class.ts';
import { tracedJob } from './job-run.ts';

const NAME = 'toad-scheduler';

type Exports = Record<string, unknown>;
type Handler = (this: unknown, ...args: unknown[]) => unknown;
type TaskClass = new (...args: unknown[]) => object;

/** Traces tasks of toad-scheduler (1 and later): `task` and the id of the task. */
export class ToadSchedulerInstrumentation {
  readonly #hook: Hook = new Hook([NAME], {}, (exports) => {
    const changed = ['Task', 'AsyncTask'].flatMap((name) => {
      const Task = (exports as Exports)[name];
      return typeof Task === 'function' ? [[name, traced(Task as TaskClass)]] : [];
    });
    return withExports(exports as Exports, Object.fromEntries(changed));
  });

  disable(): void {
    this.#hook.unhook();
  }
}

function traced(Task: TaskClass): TaskClass {
  return constructedBy(Task, (construct, [id, handler, ...others]) =>
    construct([
      id,
      typeof handler === 'function' ? tracedJob(NAME, `task ${id}`, handler as Handler) : handler,
      ...others,
    ]),
  );
}
