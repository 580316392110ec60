import { Hook } from '../loading/hooks.ts';
import { withExports } from '../loading/replace-exports.ts';
import { nameOfExpression } from './cron-name.ts';
import { tracedJob } from './job-run.ts';

type Method = (this: unknown, ...args: unknown[]) => unknown;
type Exports = Record<string, unknown>;

function isFunction(value: unknown): value is Method {
  return typeof value === 'function';
}

/** Traces the tasks of node-cron (3 and 4): `cron` and the name of the task, or its expression. */
export class NodeCronInstrumentation {
  readonly #hook: Hook = new Hook(['node-cron'], {}, (exports) => {
    const changed = Object.fromEntries(
      ['schedule', 'createTask'].flatMap((name) => {
        const original = (exports as Exports)[name];
        return isFunction(original) ? [[name, tracedSchedule(original)]] : [];
      }),
    );
    return withExports(exports as Exports, changed);
  });

  disable(): void {
    this.#hook.unhook();
  }
}

function tracedSchedule(original: Method): Method {
  return function (this: unknown, ...args: unknown[]): unknown {
    const [expression, task, options] = args;
    // A path is a file that another process runs.
    if (!isFunction(task)) return original.apply(this, args);
    const { name } = (options ?? {}) as { readonly name?: unknown };
    const ownName = name ?? (task.name || nameOfExpression(expression));
    const job = tracedJob('node-cron', `cron ${String(ownName)}`, task);
    return original.apply(this, [expression, job, ...args.slice(2)]);
  };
}
