import type { Span } from '@opentelemetry/api';
import { recordOnce } from '../../spans/request-errors.ts';
import { runInSpan } from '../../spans/run-in-span.ts';
import { attempt } from '../../wrap/guard.ts';
import { type AnyFunction, like } from '../../wrap/same-shape.ts';
import { wrapMethodsOnce } from '../../wrap/wrap-class.ts';
import { type Patch, STORAGES, type StartTask, type Storage, withStorage } from './files.ts';

const NAME = 'next';

/** What Next.js knows of a request that it renders. */
interface WorkStore {
  readonly afterContext?: object;
}

/** Runs what an app passes to `after()`. */
interface AfterContext {
  after: AnyFunction;
  reportTaskError: AnyFunction;
}

/** Returns patches that run functions in `after()` as subsegments. */
export function afterPatches(start: StartTask): Readonly<Record<string, Patch>> {
  return { [STORAGES.work]: withStorage('workAsyncStorage', (it) => watchAfter(it, start)) };
}

/** Patches the class that has `after()`, which only the stores of requests lead to. */
function watchAfter(storage: Storage, start: StartTask): void {
  const { getStore } = storage;
  let known: object | undefined;
  storage.getStore = like(getStore, function (this: unknown): unknown {
    const store = getStore.call(this as Storage);
    const after = (store as WorkStore | undefined)?.afterContext;
    if (after !== undefined && after !== known) {
      known = after;
      attempt(NAME, () => patchAfter(Object.getPrototypeOf(after) as AfterContext, start));
    }
    return store;
  });
}

function patchAfter(prototype: AfterContext, start: StartTask): void {
  wrapMethodsOnce(prototype, {
    after: (after) =>
      like(after, function (this: unknown, task, ...args): unknown {
        if (typeof task !== 'function') return after.call(this, task, ...args);
        const traced = (): unknown =>
          runInSpan(
            NAME,
            () => start('After', 'after'),
            () => task() as unknown,
            { record: recordOnce },
          );
        return after.call(this, traced, ...args);
      }),
    reportTaskError: (report) =>
      like(report, function (this: unknown, kind, error, ...args): unknown {
        // A promise, which has run outside.
        if (kind === 'promise') attempt(NAME, () => recordFailed(start('After', 'after'), error));
        return report.call(this, kind, error, ...args);
      }),
  });
}

function recordFailed(span: Span | undefined, error: unknown): void {
  if (span === undefined) return;
  recordOnce(span, error);
  span.end();
}
