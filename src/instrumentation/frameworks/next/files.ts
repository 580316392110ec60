import { createRequire } from 'node:module';
import { join, sep } from 'node:path';
import type { Attributes, Span } from '@opentelemetry/api';
import { Hook } from '../../loading/hooks.ts';
import { attempt } from '../../wrap/guard.ts';
import type { AnyFunction } from '../../wrap/same-shape.ts';

const require = createRequire(import.meta.url);

/** Returns the exports to use in place of those of a file. */
export type Patch = (exports: unknown) => unknown;

/**
 * Patches files of Next.js as they load, and those that have loaded already: Next.js loads itself before
 * `instrumentation.ts`, in which an app may call `start()`.
 *
 * @param patches by the path of the file, from the name of the package on
 */
export function patchFiles(patches: Readonly<Record<string, Patch>>): { unhook(): void } {
  const hooks = Object.entries(patches).map(([file, patch]) => new Hook([file], {}, patch));
  attempt('next', () => patchLoaded(patches));
  return {
    unhook(): void {
      for (const hook of hooks) hook.unhook();
    },
  };
}

function patchLoaded(patches: Readonly<Record<string, Patch>>): void {
  const files = Object.keys(patches);
  for (const [loaded, module] of Object.entries(require.cache)) {
    const patch = patches[files.find((path) => loaded.endsWith(sep + path)) ?? ''];
    if (module !== undefined && patch !== undefined) module.exports = patch(module.exports);
  }
}

const RENDER = join('next', 'dist', 'server', 'app-render');

/** Files with storages that all parts of Next.js share. */
export const STORAGES: Readonly<Record<'action' | 'unit' | 'work', string>> = {
  action: join(RENDER, 'action-async-storage.external.js'),
  unit: join(RENDER, 'work-unit-async-storage.external.js'),
  work: join(RENDER, 'work-async-storage.external.js'),
};

/** An `AsyncLocalStorage` of Next.js. */
export interface Storage {
  getStore(): unknown;
  run: AnyFunction;
  exit: AnyFunction;
}

/** Returns a patch of a file in {@link STORAGES}. */
export function withStorage(name: string, patch: (storage: Storage) => void): Patch {
  return (exports) => {
    const storage = (exports as Readonly<Record<string, Storage | undefined>>)[name];
    if (storage !== undefined) patch(storage);
    return exports;
  };
}

/** Types of the spans of functions of an app for which Next.js has no span. */
export const TASKS: ReadonlySet<string> = new Set(['ServerAction', 'After']);

/** Starts the span of a function, with a type in {@link TASKS}. */
export type StartTask = (type: string, name: string, attributes?: Attributes) => Span | undefined;
