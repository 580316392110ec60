import { Hook } from '../loading/hooks.ts';
import { attempt } from '../wrap/guard.ts';
import { wrapMethodsOnce } from '../wrap/wrap-class.ts';
import { noteInnerRoute } from './express-routes.ts';

const NAME = 'feathers';

/** What a path leads to; the same object that was inserted for it. */
interface Found {
  readonly data?: object;
}

interface Router {
  insert?(this: unknown, path: string, data: object): unknown;
  lookup?(this: unknown, path: string): Found | null;
}

interface Exports {
  readonly Router?: { readonly prototype: Router };
}

/**
 * Gives the segment of a Feathers app (5) the path of its service as route, such as `/orders/:__id`. The
 * segment and its errors are those of Koa or Express.
 */
export class FeathersInstrumentation {
  readonly #hook: Hook = new Hook(
    ['@feathersjs/transport-commons/lib/routing/router.js'],
    {},
    (exports) => {
      const { Router } = exports as Exports;
      if (Router !== undefined)
        wrapMethodsOnce(Router.prototype, { insert: naming, lookup: noting });
      return exports;
    },
  );

  disable(): void {
    this.#hook.unhook();
  }
}

const paths = new WeakMap<object, string>();

function naming(original: NonNullable<Router['insert']>): Router['insert'] {
  return function insert(path, data) {
    attempt(NAME, () => paths.set(data, path));
    return original.call(this, path, data);
  };
}

function noting(original: NonNullable<Router['lookup']>): Router['lookup'] {
  return function lookup(path) {
    const found = original.call(this, path);
    attempt(NAME, () => {
      const route = paths.get(Object(found?.data));
      if (route !== undefined) noteInnerRoute(route.startsWith('/') ? route : `/${route}`);
    });
    return found;
  };
}
