import { Hook } from '../loading/hooks.ts';
import { attempt } from '../wrap/guard.ts';
import { type AnyFunction, like } from '../wrap/same-shape.ts';
import { wrapMethodsOnce } from '../wrap/wrap-class.ts';
import { type Router, traceRouter } from './koa.ts';

const NAME = 'midway';

/** Creates a router for each controller, with Koa and Egg; Midway composes their middleware itself. */
interface Generator {
  loadMidwayController?: (this: unknown, onRouter?: AnyFunction, ...rest: unknown[]) => unknown;
}

interface Exports {
  readonly WebControllerGenerator?: { readonly prototype: Generator };
}

/** Traces the routes of Midway with Koa and Egg as those of other Koa apps. */
export class MidwayInstrumentation {
  readonly #hook: Hook = new Hook(['@midwayjs/core'], {}, (exports) => {
    const { WebControllerGenerator } = exports as Exports;
    if (WebControllerGenerator !== undefined)
      wrapMethodsOnce(WebControllerGenerator.prototype, {
        loadMidwayController: withTracedRouters,
      });
    return exports;
  });

  disable(): void {
    this.#hook.unhook();
  }
}

function withTracedRouters(
  original: NonNullable<Generator['loadMidwayController']>,
): Generator['loadMidwayController'] {
  return function loadMidwayController(onRouter, ...rest) {
    if (typeof onRouter !== 'function') return original.call(this, onRouter, ...rest);
    const traced = like(onRouter, function (this: unknown, ...args) {
      attempt(NAME, () => traceRouter(args[0] as Router));
      return onRouter.apply(this, args);
    });
    return original.call(this, traced, ...rest);
  };
}
