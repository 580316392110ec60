import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { types } from 'node:util';
import { context, type Span } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import { recordError } from '../../api/errors.ts';
import { enterContext } from '../../context-storage.ts';
import { Hook } from '../loading/hooks.ts';
import { withExports } from '../loading/replace-exports.ts';
import { attempt } from '../wrap/guard.ts';
import { named } from '../wrap/same-shape.ts';
import { wrapMethods } from '../wrap/wrap-class.ts';
import { enqueueJob } from './job-run.ts';
import {
  isInTrace,
  jobSenders,
  runLinkedJob,
  untracedOutside,
  untracedPolling,
} from './job-senders.ts';

const NAME = 'graphile-worker';
/** Loads the tasks of a directory by its hooks. */
const CONFIG = 'graphile-config';
const COMMAND = join(NAME, 'dist/cli.js');

type Method = (this: unknown, ...args: unknown[]) => unknown;
type Exports = Record<string, unknown>;
type Methods = Record<string, Method>;

/** What a task gets as its second argument, made for each job. */
interface Helpers {
  readonly job?: { readonly id?: unknown; readonly task_identifier?: unknown };
  addJob?: Method;
  addJobs?: Method;
}

interface Hooks {
  hook?(event: string, listener: Method): unknown;
}

/** Run jobs, with the options and the tasks as first arguments. */
const RUNNING = ['run', 'runOnce', 'runTaskList', 'runTaskListOnce'];
/** Enqueue a job of the task that is their second argument. */
const ADDING = ['addJobAdhoc', 'quickAddJob'];

/** End what {@link RUNNING} has started. */
const STOPPING = ['stop', 'kill', 'gracefulShutdown', 'forcefulShutdown'];
/** Called by the app; at the start and the end of a process, they make no traces. */
const MAINTAINING = ['migrate', 'cleanup', 'forceUnlockWorkers', 'release'];

const senders = jobSenders();
const tracedTasks = new WeakSet<Method>();

/**
 * Traces jobs of Graphile Worker (0.13 and later), by the identifier of their task. The payload and the
 * flags of a job belong to the app, so a job is linked to its request if the same process enqueued it.
 */
export class GraphileWorkerInstrumentation {
  readonly #hook: Hook = new Hook([NAME, CONFIG], {}, (exports, name) => {
    if (name === CONFIG) {
      const { AsyncHooks } = exports as { readonly AsyncHooks?: { readonly prototype: Hooks } };
      if (AsyncHooks !== undefined) wrapMethods(AsyncHooks.prototype, { hook: tracingLoadedTasks });
      return exports;
    }
    return withExports(exports as Exports, tracedExports(exports as Exports));
  });

  constructor() {
    // Loaded by the command `graphile-worker`, which does nothing else.
    if (attempt(NAME, isCommand)) enterContext(suppressTracing(context.active()));
  }

  disable(): void {
    this.#hook.unhook();
  }
}

function isCommand(): boolean {
  const [, program] = process.argv;
  return program !== undefined && existsSync(program) && realpathSync(program).endsWith(COMMAND);
}

function tracedExports(exports: Exports): Exports {
  const wrapped = (names: readonly string[], wrap: (original: Method) => Method) =>
    names.flatMap((name) => {
      const original = exports[name];
      return typeof original === 'function' ? [[name, wrap(original as Method)]] : [];
    });
  return Object.fromEntries([
    ...wrapped(RUNNING, tracedRunner),
    ...wrapped(ADDING, (original) => traceAdded(original, ([, task]) => task)),
    ...wrapped(['makeWorkerUtils'], (original) => (...args) => {
      const utils = untracedOutside(() => original(...args));
      return onceMade(utils, (made) => {
        traceAdding(made);
        wrapMethods(made, around(untracedOutside, MAINTAINING));
      });
    }),
    ...wrapped(
      ['runMigrations'],
      (original) =>
        (...args) =>
          untracedOutside(() => original(...args)),
    ),
  ]);
}

/**
 * Changes an object that Graphile Worker returns, or passes on by a promise.
 *
 * @returns what the app gets: of a promise one that is derived from it, as observing it would mark its
 *   rejection as handled
 */
function onceMade(result: unknown, use: (made: Methods) => void): unknown {
  const changed = (made: unknown): unknown => {
    attempt(NAME, () => use(made as Methods));
    return made;
  };
  return types.isPromise(result) ? result.then(changed) : changed(result);
}

/** Wraps a function that runs jobs until it is stopped, or once. */
function tracedRunner(original: Method): Method {
  return (...args) => {
    const given = attempt(NAME, () => withTracedTasks(args)) ?? args;
    const runner = untracedPolling(() => original(...given));
    return onceMade(runner, (made) => {
      if (typeof made !== 'object') return;
      traceAdding(made);
      wrapMethods(made, around(untracedPolling, STOPPING));
    });
  };
}

/** Tasks are an option or the second argument, which takes precedence. The objects of the app stay as they are. */
function withTracedTasks([options, tasks, ...others]: readonly unknown[]): readonly unknown[] {
  const list = tasks ?? (options as { readonly taskList?: unknown } | undefined)?.taskList;
  if (typeof list !== 'object' || list === null) return [options, tasks, ...others];
  const traced = Object.entries(list).map(([name, task]) => [name, tracedTask(name, task)]);
  return [options, Object.fromEntries(traced), ...others];
}

/** Traces tasks that are loaded from files. */
function tracingLoadedTasks(original: NonNullable<Hooks['hook']>): NonNullable<Hooks['hook']> {
  return function hook(this: Hooks, event, listener): unknown {
    if (event !== 'loadTaskFromFiles') return original.call(this, event, listener);
    const load: Method = async (...args) => {
      await listener(...args);
      attempt(NAME, () => {
        const file = args[0] as { readonly taskIdentifier: string; handler?: unknown };
        file.handler = tracedTask(file.taskIdentifier, file.handler);
      });
    };
    return original.call(this, event, load);
  };
}

function tracedTask(name: string, task: unknown): unknown {
  if (typeof task !== 'function' || tracedTasks.has(task as Method)) return task;
  const run: Method = function (this: unknown, ...args) {
    const helpers = args[1] as Helpers | undefined;
    attempt(NAME, () => traceAdding(helpers as unknown as Methods));
    const job = {
      instrumentation: NAME,
      name,
      attributes: { 'messaging.system': NAME, 'messaging.destination.name': name },
      jobs: [helpers?.job?.id],
    };
    return runLinkedJob(senders, job, (span) => {
      const result = (task as Method).apply(this, args);
      return span === undefined || !Array.isArray(args[0]) ? result : batchResult(span, result);
    });
  };
  tracedTasks.add(run);
  return named(task as Method, run);
}

/** A task with a batch of payloads resolves to a list of promises, for which Graphile Worker waits. */
async function batchResult(span: Span, result: unknown): Promise<unknown> {
  const list = await result;
  if (!Array.isArray(list)) return list;
  const failed = (await Promise.allSettled(list)).find(({ status }) => status === 'rejected');
  attempt(NAME, () => {
    if (failed?.status === 'rejected') recordError(span, failed.reason);
  });
  return list;
}

/** Returns wrappers for methods. */
function around(
  run: (call: () => unknown) => unknown,
  names: readonly string[],
): Record<string, (original: Method) => Method> {
  const wrap = (original: Method): Method =>
    function (this: unknown, ...args): unknown {
      return run(() => original.apply(this, args));
    };
  return Object.fromEntries(names.map((name) => [name, wrap]));
}

/** Traces the methods of an object of Graphile Worker that enqueue jobs. */
function traceAdding(made: Methods | undefined): void {
  if (typeof made !== 'object' || made === null) return;
  wrapMethods(made, {
    addJob: (original) => traceAdded(original, ([task]) => task),
    addJobs: (original) =>
      traceAdded(original, ([jobs]) => {
        const tasks = (jobs as readonly { readonly identifier?: unknown }[]).map(
          ({ identifier }) => identifier,
        );
        return [...new Set(tasks)].join(', ');
      }),
  });
}

/** @param taskOf identifier of the task, from the arguments */
function traceAdded(original: Method, taskOf: (args: readonly unknown[]) => unknown): Method {
  return function (this: unknown, ...args): unknown {
    const call = (): unknown => original.apply(this, args);
    if (!isInTrace()) return untracedOutside(call);
    const queue = attempt(NAME, () => String(taskOf(args))) ?? NAME;
    return enqueueJob({ instrumentation: NAME, system: NAME, queue }, (_span, sender) => {
      const added = call();
      senders.remember(added, sender, (jobs) =>
        [jobs as Helpers['job'] | readonly Helpers['job'][]].flat().map((job) => job?.id),
      );
      return added;
    });
  };
}
