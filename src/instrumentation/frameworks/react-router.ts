import { types } from 'node:util';
import { context, trace } from '@opentelemetry/api';
import { Hook } from '../loading/hooks.ts';
import { withExports } from '../loading/replace-exports.ts';
import { recordOnce, recordRequestError } from '../spans/request-errors.ts';
import { clearServerRoute, setPageRoute } from '../spans/request-route.ts';
import { attempt } from '../wrap/guard.ts';
import { routeIdName } from './route-ids.ts';

const NAME = 'react-router';

/**
 * Packages that create a server from a build, and the functions that do. That of `react-router` serves
 * development and servers of the app; the other packages may load as a part of a CommonJS app, which
 * hides their imports.
 */
const SERVERS = [
  'react-router',
  '@react-router/express',
  '@react-router/node',
  '@react-router/architect',
];
const CREATORS = ['createRequestHandler', 'createRequestListener'] as const;

type Create = (this: unknown, source: Source, ...rest: unknown[]) => unknown;
type Exports = Partial<Record<(typeof CREATORS)[number], Create>>;

type BuildOrFunction = Build | undefined | (() => Build | Promise<Build>);

/** A build, or options with one. */
type Source = BuildOrFunction | { readonly build: BuildOrFunction };

interface Build {
  readonly entry?: { readonly module?: EntryModule };
}

/** Renders the document. */
export type Render = (this: unknown, ...args: unknown[]) => unknown;

interface EntryModule {
  readonly default?: Render;
  readonly instrumentations?: readonly unknown[];
  /** Name in earlier versions. */
  readonly unstable_instrumentations?: readonly unknown[];
}

export interface Match {
  readonly route: { readonly path?: string; readonly index?: boolean };
}

interface RenderedContext {
  readonly staticHandlerContext?: {
    readonly matches?: readonly Match[];
    /** What the loaders returned, by the id of their route. */
    readonly loaderData?: Readonly<Record<string, unknown>>;
  };
}

interface Info {
  readonly pattern?: string;
  readonly unstable_pattern?: string;
}

type Call = () => Promise<{ readonly error?: unknown }>;
type Instrument = (wrap: Record<string, (call: Call, info: Info) => Promise<void>>) => void;

/**
 * Gives requests to React Router 7 and 8 their route, and each loader and action a subsegment, by the
 * instrumentations that React Router accepts as a part of a build.
 *
 * @see https://reactrouter.com/how-to/instrumentation
 */
export class ReactRouterInstrumentation {
  readonly #hook: Hook = new Hook(SERVERS, {}, (exports) => withTracedBuilds(exports as Exports));

  disable(): void {
    this.#hook.unhook();
  }
}

function withTracedBuilds(exports: Exports): Exports {
  const changed = Object.fromEntries(
    CREATORS.flatMap((name) => {
      const original = exports[name];
      return typeof original === 'function' ? [[name, withTracedBuild(original)]] : [];
    }),
  );
  return withExports(exports, changed);
}

function withTracedBuild(original: Create): Create {
  return function (this: unknown, source, ...rest): unknown {
    return original.call(this, attempt(NAME, () => tracedSource(source)) ?? source, ...rest);
  };
}

function tracedSource(source: Source): Source {
  const hasBuild = typeof source === 'object' && 'build' in source;
  return hasBuild ? { ...source, build: traced(source.build) } : traced(source);
}

function traced(build: BuildOrFunction): BuildOrFunction {
  return typeof build === 'function' ? async () => tracedBuild(await build()) : tracedBuild(build);
}

/** Returns a copy of a build, which is the namespace of a module. */
function tracedBuild<T extends Build | undefined>(build: T): T {
  const module = build?.entry?.module;
  if (build === undefined || module === undefined) return build;
  const { default: render, instrumentations = [], unstable_instrumentations: old = [] } = module;
  if (instrumentations.includes(INSTRUMENTATION)) return build;
  return {
    ...build,
    entry: {
      ...build.entry,
      module: {
        ...module,
        ...(typeof render === 'function' && { default: tracedRender(render) }),
        instrumentations: [...instrumentations, INSTRUMENTATION],
        unstable_instrumentations: [...old, INSTRUMENTATION],
      },
    },
  };
}

/**
 * Returns a function that renders the document and reports the route, which of pages without a loader is known
 * only then, and what fails.
 */
export function tracedRender(render: Render): Render {
  return function (this: unknown, ...args): unknown {
    attempt(NAME, () => {
      const rendered = args[3] as RenderedContext | undefined;
      const route = routeOf(rendered?.staticHandlerContext?.matches ?? []);
      if (route === undefined) clearServerRoute(context.active());
      else setRoute(route);
      watchDeferred(rendered);
    });
    const result = render.apply(this, args);
    // React Router awaits it, so that a rejection stays handled.
    if (types.isPromise(result)) result.then(undefined, onRenderError);
    return result;
  };
}

/** Records what rejects in data that a loader returns before it is there; React Router handles it. */
function watchDeferred(rendered: RenderedContext | undefined): void {
  for (const data of Object.values(rendered?.staticHandlerContext?.loaderData ?? {})) {
    for (const part of Object.values(Object(data) as object)) {
      if (types.isPromise(part)) part.then(undefined, onRenderError);
    }
  }
}

/** A component that throws; `Response`s are answers. */
function onRenderError(error: unknown): void {
  if (!(error instanceof Response)) recordRequestError(NAME, error);
}

/** Returns the pattern of the routes that matched, from the root on. */
export function routeOf(matches: readonly Match[]): string | undefined {
  const { path, index } = matches.at(-1)?.route ?? {};
  // Where nothing matches, the only one is the root.
  if (!path && index !== true) return undefined;
  return matches.map(({ route }) => route.path ?? '').join('/');
}

const INSTRUMENTATION = {
  route({ id, instrument }: { readonly id: string; readonly instrument: Instrument }): void {
    const wrap = (what: string) => (call: Call, info: Info) =>
      tracedCall(`${what} ${routeIdName(id)}`, call, info);
    instrument({ loader: wrap('loader'), action: wrap('action'), middleware: calledMiddleware });
  },
};

/** Middleware may answer before anything else knows the route. */
async function calledMiddleware(call: Call, info: Info): Promise<void> {
  attempt(NAME, () => setRoute(patternOf(info)));
  const { error } = await call();
  if (error !== undefined) recordRequestError(NAME, error);
}

async function tracedCall(name: string, call: Call, info: Info): Promise<void> {
  const active = context.active();
  const span = attempt(NAME, () => {
    setRoute(patternOf(info));
    if (trace.getSpan(active) === undefined) return undefined;
    return trace.getTracer(`otel-xray/${NAME}`).startSpan(name);
  });
  if (span === undefined) {
    await call();
    return;
  }
  const { error } = await context.with(trace.setSpan(active, span), call);
  attempt(NAME, () => {
    if (error !== undefined) recordOnce(span, error);
    span.end();
  });
}

function patternOf({ pattern, unstable_pattern: old }: Info): string | undefined {
  return pattern ?? old;
}

export function setRoute(pattern: string | undefined): void {
  if (pattern === undefined) return;
  const route = `/${pattern}`.replaceAll(/\/+/g, '/').replace(/(.)\/$/, '$1');
  setPageRoute(context.active(), route);
}
