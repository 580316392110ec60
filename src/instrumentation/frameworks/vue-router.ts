import { context } from '@opentelemetry/api';
import { getRPCMetadata } from '@opentelemetry/core';
import { Hook } from '../loading/hooks.ts';
import { withExports } from '../loading/replace-exports.ts';
import { setPageRoute } from '../spans/request-route.ts';
import { attempt } from '../wrap/guard.ts';

interface Route {
  readonly matched: readonly { readonly path: string }[];
}

interface Router {
  afterEach(guard: (to: Route) => void): unknown;
}

interface Exports {
  createRouter?: (...args: unknown[]) => Router;
}

/**
 * Gives a page that Vue Router renders on the server its route, as in Nuxt: the router of the server
 * has one route for all pages.
 */
export class VueRouterInstrumentation {
  readonly #hook: Hook = new Hook(['vue-router'], {}, (exports) => withRoutes(exports as Exports));

  disable(): void {
    this.#hook.unhook();
  }
}

function withRoutes(exports: Exports): Exports {
  const { createRouter } = exports;
  if (typeof createRouter !== 'function') return exports;
  const traced = function (this: unknown, ...args: unknown[]): Router {
    const router = createRouter.apply(this, args);
    attempt('vue-router', () => {
      const active = context.active();
      if (getRPCMetadata(active) === undefined) return;
      router.afterEach((to) =>
        attempt('vue-router', () => {
          const path = to.matched.at(-1)?.path;
          setPageRoute(active, path?.replaceAll('()', ''));
        }),
      );
    });
    return router;
  };
  return withExports(exports, { createRouter: traced });
}
