import { Hook } from '../loading/hooks.ts';
import { recordingErrors } from '../spans/recording-errors.ts';
import { recordRequestError } from '../spans/request-errors.ts';
import { attempt } from '../wrap/guard.ts';
import { type AnyFunction, like } from '../wrap/same-shape.ts';
import { wrapMethodsOnce } from '../wrap/wrap-class.ts';
import { noteMountedRoute } from './express-routes.ts';

const NAME = 'polka';

interface Prototype {
  add?: AnyFunction;
  use?: AnyFunction;
}

interface Exports {
  readonly default?: () => object;
}

/** A request as Polka changes it: apps that are mounted get the rest of the path. */
interface Request {
  readonly originalUrl?: string;
  readonly path?: string;
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
        return original.call(
          this,
          method,
          pattern,
          ...handlers.map((one) => watched(one, pattern)),
        );
      },
    use: (original) =>
      function use(this: unknown, ...args) {
        return original.apply(
          this,
          args.map((one) => watched(one)),
        );
      },
  });
}

/**
 * @param given a function or a list of them; anything else, such as a path, stays as it is
 * @param pattern of the route of a handler
 */
function watched(given: unknown, pattern?: unknown): unknown {
  if (Array.isArray(given)) return given.map((one) => watched(one, pattern));
  if (typeof given !== 'function') return given;
  const run = recordingErrors(NAME, given as AnyFunction);
  return like(run, function (this: unknown, ...args: unknown[]): unknown {
    if (pattern !== undefined) attempt(NAME, () => noteRoute(args[0] as Request, pattern));
    const [request, response, next, ...others] = args;
    if (typeof next !== 'function') return run.apply(this, args);
    return run.call(this, request, response, recordingNext(next as AnyFunction), ...others);
  });
}

function recordingNext(next: AnyFunction): AnyFunction {
  return function (this: unknown, ...args: unknown[]): unknown {
    if (args[0]) recordRequestError(NAME, args[0]);
    return next.apply(this, args);
  };
}

function noteRoute(request: Request, pattern: unknown): void {
  const route = String(pattern);
  noteMountedRoute(mountOf(request), route.startsWith('/') ? route : `/${route}`);
}

/** Returns the path at which the app of a route is mounted; empty for the outermost app. */
function mountOf({ originalUrl = '', path = '/' }: Request): string {
  const [whole = ''] = originalUrl.split('?', 1);
  const mount = whole.endsWith(path) ? whole.slice(0, whole.length - path.length) : whole;
  return path === '/' || whole.endsWith(path) ? mount : '';
}
