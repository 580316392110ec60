/** The part of Node's `Module` that tells when its file has run; the same on Node 20–26. */
interface RunModule {
  loaded: boolean;
}

/**
 * Calls `onRun` when the file of a CommonJS module has run, before Node keeps its exports for `import`.
 *
 * `Module.prototype.load` runs the file, sets `loaded`, and then stores `exports`. What is imported
 * afterwards are the stored exports, on Node up to 22 always, later if the module was required first.
 * A replacement of `exports` after `load` has returned would reach only `require`.
 *
 * @param onRun must not throw
 * @returns stops watching; to be called when `load` has returned or thrown
 */
export function watchRun(module: RunModule, onRun: () => void): () => void {
  const before = Object.getOwnPropertyDescriptor(module, 'loaded');
  if (before === undefined) return () => {};
  let isWatching = true;
  const end = (): void => {
    if (!isWatching) return;
    isWatching = false;
    // It may be the accessor of another watch, which then sees the assignment.
    Reflect.defineProperty(module, 'loaded', before);
  };
  Reflect.defineProperty(module, 'loaded', {
    configurable: true,
    enumerable: before.enumerable === true,
    get: () => false,
    set(value: boolean) {
      end();
      module.loaded = value;
      if (value) onRun();
    },
  });
  return end;
}
