import { types } from 'node:util';
import { context } from '@opentelemetry/api';
import { getRPCMetadata } from '@opentelemetry/core';
import { attempt } from './guard.ts';
import { Hook } from './hooks.ts';

/**
 * Gives the server span of a Hono app its route.
 *
 * The span itself is created for `node:http`, which `@hono/node-server` uses. `@hono/otel` would
 * create a second one and requires a change to the app. Supports the class `Hono` exported by
 * `hono`.
 */
export class HonoInstrumentation {
  readonly #hook: Hook = new Hook(['hono'], {}, (exports) => withRoutes(exports as HonoExports));

  disable(): void {
    this.#hook.unhook();
  }
}

interface HonoExports {
  Hono: new (...args: never[]) => { router: Router };
}

/** The part of a Hono router that is called for every request. */
interface Router {
  match(method: string, path: string): MatchResult;
}

/** Handlers in the order in which they run, each with the route it was added for. */
type MatchResult = readonly [
  handlers: readonly (readonly [handler: readonly [unknown, Route], params: unknown])[],
  ...rest: unknown[],
];

interface Route {
  readonly path: string;
  readonly method: string;
}

function withRoutes(exports: HonoExports): HonoExports {
  const Original = exports.Hono;
  if (typeof Original !== 'function') return exports;
  const Hono = class Hono extends Original {
    constructor(...args: never[]) {
      super(...args);
      this.router = watched(this.router);
    }
  };
  // The exports are writable: those of a wrapped ES module, and those of today's CommonJS build.
  if (types.isProxy(exports) || Object.getOwnPropertyDescriptor(exports, 'Hono')?.writable) {
    exports.Hono = Hono;
    return exports;
  }
  return { ...exports, Hono };
}

/** A router that reports each match. Routers have private fields, so calls go to the original. */
function watched(router: Router): Router {
  return new Proxy(router, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      if (name !== 'match') return value.bind(target);
      return (method: string, path: string): MatchResult => {
        // Read each time: a router replaces its `match` by a faster function at the first call.
        const result = target.match(method, path);
        attempt('hono', () => setRoute(result));
        return result;
      };
    },
    set: (target, name, value) => Reflect.set(target, name, value, target),
  });
}

/** The handler that responds is the last one that is not registered for all methods, as middleware is. */
function setRoute(result: MatchResult): void {
  const metadata = getRPCMetadata(context.active());
  if (metadata === undefined) return;
  const routes = result[0].map(([[, route]]) => route);
  const route = routes.findLast(({ method }) => method !== 'ALL') ?? routes.at(-1);
  if (route !== undefined && !/^\/?\*$/.test(route.path)) metadata.route = route.path;
}
