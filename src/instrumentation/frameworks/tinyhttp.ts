import { Hook } from '../loading/hooks.ts';
import type { AnyFunction } from '../wrap/same-shape.ts';
import { wrapMethodsOnce } from '../wrap/wrap-class.ts';
import { noteMountedRoute } from './mount-path.ts';
import { watchedHandlers } from './watched-handlers.ts';

const NAME = 'tinyhttp';

interface Router {
  /** The path at which it is mounted in another one. */
  readonly mountpath?: string;
  readonly parent?: Router;
}

/** Methods of a router; `add` returns the method for requests of one kind, such as `get`. */
interface Prototype extends Router {
  add?(this: Router, ...args: unknown[]): AnyFunction;
  all?(this: Router, ...args: unknown[]): unknown;
  use?(this: Router, ...args: unknown[]): unknown;
}

interface Exports {
  readonly App?: { readonly prototype: Prototype };
  readonly Router?: { readonly prototype: Prototype };
}

/**
 * Gives the segment of an app of tinyhttp its route, and the errors that its functions throw or pass to
 * `next`, also if the app responds to them.
 */
export class TinyhttpInstrumentation {
  readonly #hook: Hook = new Hook(['@tinyhttp/app', '@tinyhttp/router'], {}, (exports) => {
    const { App, Router } = exports as Exports;
    if (Router !== undefined) wrapMethodsOnce(Router.prototype, { add: adding, all: routing });
    if (App !== undefined) wrapMethodsOnce(App.prototype, { use: using });
    return exports;
  });

  disable(): void {
    this.#hook.unhook();
  }
}

function adding(original: NonNullable<Prototype['add']>): Prototype['add'] {
  return function add(...args) {
    const method = routing(original.apply(this, args));
    return (...route) => method?.apply(this, route);
  };
}

function routing(original: NonNullable<Prototype['all']>): Prototype['all'] {
  return function all(path, ...handlers) {
    const note = (): void => void noteMountedRoute(mountOf(this), String(path));
    return original.call(this, path, ...handlers.map((one) => watchedHandlers(NAME, one, note)));
  };
}

function using(original: NonNullable<Prototype['use']>): Prototype['use'] {
  return function use(...args) {
    return original.apply(
      this,
      args.map((one) => watchedHandlers(NAME, one)),
    );
  };
}

/** Returns the path at which a router is mounted; empty for the outermost one. */
function mountOf({ parent, mountpath = '/' }: Router): string {
  if (parent === undefined) return '';
  return mountOf(parent) + (mountpath === '/' ? '' : mountpath);
}
