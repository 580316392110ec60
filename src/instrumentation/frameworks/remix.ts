import { type Span, trace } from '@opentelemetry/api';
import { Hook } from '../loading/hooks.ts';
import { withExports } from '../loading/replace-exports.ts';
import { recordOnce } from '../spans/request-errors.ts';
import { runInSpan } from '../spans/run-in-span.ts';
import { attempt } from '../wrap/guard.ts';
import { type Match, type Render, routeOf, setRoute, tracedRender } from './react-router.ts';
import { routeIdName } from './route-ids.ts';

const NAME = 'remix';

type Call = (this: unknown, ...args: unknown[]) => unknown;

interface Route {
  readonly id: string;
  readonly module: { readonly loader?: Call; readonly action?: Call };
}

interface Build {
  readonly entry: { readonly module: { readonly default: Render } };
  readonly routes: Readonly<Record<string, Route>>;
}

type BuildOrFunction = Build | (() => Build | Promise<Build>);

interface ServerExports {
  createRequestHandler(this: unknown, build: BuildOrFunction, ...rest: unknown[]): unknown;
}

interface RouterExports {
  matchRoutes(this: unknown, ...args: unknown[]): readonly Match[] | null;
}

/**
 * Gives requests to Remix 2 their route, and each loader and action a subsegment. It has no instrumentations
 * as its successor React Router 7 has: the server gets a copy of the build whose loaders and actions are
 * traced.
 */
export class RemixInstrumentation {
  readonly #hooks: readonly Hook[] = [
    new Hook(['@remix-run/server-runtime'], {}, (exports) => {
      const server = exports as ServerExports;
      return withExports(server, { createRequestHandler: withTracedBuild(server) });
    }),
    new Hook(['@remix-run/router'], {}, (exports) => {
      const router = exports as RouterExports;
      return withExports(router, { matchRoutes: withRoute(router) });
    }),
  ];

  disable(): void {
    for (const hook of this.#hooks) hook.unhook();
  }
}

function withRoute({ matchRoutes }: RouterExports): typeof matchRoutes {
  return function (this: unknown, ...args) {
    const matches = matchRoutes.apply(this, args);
    attempt(NAME, () => setRoute(matches === null ? undefined : routeOf(matches)));
    return matches;
  };
}

function withTracedBuild({ createRequestHandler }: ServerExports): typeof createRequestHandler {
  return function (this: unknown, build, ...rest) {
    const traced = typeof build === 'function' ? async () => copyOf(await build()) : copyOf(build);
    return createRequestHandler.call(this, traced, ...rest);
  };
}

/** Returns a copy of a build, which is the namespace of a module. */
function copyOf(build: Build): Build {
  return attempt(NAME, () => tracedBuild(build)) ?? build;
}

function tracedBuild(build: Build): Build {
  const { entry, routes } = build;
  const render = tracedRender(entry.module.default);
  return {
    ...build,
    entry: { ...entry, module: { ...entry.module, default: render } },
    routes: Object.fromEntries(Object.entries(routes).map(([id, it]) => [id, tracedRoute(it)])),
  };
}

function tracedRoute(route: Route): Route {
  const { loader, action } = route.module;
  const name = routeIdName(route.id);
  return {
    ...route,
    module: {
      ...route.module,
      ...(loader !== undefined && { loader: tracedCall(`loader ${name}`, loader) }),
      ...(action !== undefined && { action: tracedCall(`action ${name}`, action) }),
    },
  };
}

function tracedCall(name: string, call: Call): Call {
  return function (this: unknown, ...args) {
    return runInSpan(
      NAME,
      () => startCall(name),
      () => call.apply(this, args),
      { record },
    );
  };
}

/** @returns `undefined` outside a trace */
function startCall(name: string): Span | undefined {
  if (trace.getActiveSpan() === undefined) return undefined;
  return trace.getTracer(`otel-xray/${NAME}`).startSpan(name);
}

/** Records an error; `Response`s are answers. */
function record(span: Span, error: unknown): void {
  if (!(error instanceof Response)) recordOnce(span, error);
}
