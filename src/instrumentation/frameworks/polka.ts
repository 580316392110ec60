import { Hook } from '../loading/hooks.ts';
import type { AnyFunction } from '../wrap/same-shape.ts';
import { wrapMethodsOnce } from '../wrap/wrap-class.ts';
import { type MountedRequest, mountOf, noteMountedRoute } from './mount-path.ts';
import { watchedHandlers } from './watched-handlers.ts';

const NAME = 'polka';

interface Prototype {
  add?: AnyFunction;
  use?: AnyFunction;
}

interface Exports {
  readonly default?: () => object;
}

/**
 * Gives the segment of a Polka app (0.5 and 1.0) its route, and the errors that its functions throw or pass
 * to `next`, also if the app responds to them.
 */
export class PolkaInstrumentation {
  readonly #hook: Hook = new Hook([NAME], {}, (exports) => {
    const create = typeof exports === 'function' ? exports : (exports as Exports).default;
    // An app has no effect until it listens. It binds its methods when it is created.
    if (typeof create === 'function') watch(Object.getPrototypeOf(create()) as Prototype);
    return exports;
  });

  disable(): void {
    this.#hook.unhook();
  }
}

function watch(prototype: Prototype): void {
  wrapMethodsOnce(prototype, {
    add: (original) =>
      function add(this: unknown, method, pattern, ...handlers) {
        const note = (request: unknown): void => noteRoute(request as MountedRequest, pattern);
        return original.call(
          this,
          method,
          pattern,
          ...handlers.map((one) => watchedHandlers(NAME, one, note)),
        );
      },
    use: (original) =>
      function use(this: unknown, ...args) {
        return original.apply(
          this,
          args.map((one) => watchedHandlers(NAME, one)),
        );
      },
  });
}

function noteRoute(request: MountedRequest, pattern: unknown): void {
  const route = String(pattern);
  noteMountedRoute(mountOf(request), route.startsWith('/') ? route : `/${route}`);
}
