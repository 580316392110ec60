import { join } from 'node:path';
import { types } from 'node:util';
import { context, trace } from '@opentelemetry/api';
import { getRPCMetadata, type RPCMetadata } from '@opentelemetry/core';
import { recordHandledError } from '../../api/errors.ts';
import { Hook } from '../loading/hooks.ts';
import { withExports } from '../loading/replace-exports.ts';
import { runInSpan } from '../spans/run-in-span.ts';
import { attempt } from '../wrap/guard.ts';
import { type AnyFunction, like } from '../wrap/same-shape.ts';
import { mountOf, noteMountedRoute } from './mount-path.ts';

const NAME = 'hono';
/** The files of `hono/streaming`. */
const STREAMING = ['dist/helper/streaming/index.js', 'dist/cjs/helper/streaming/index.js'].map(
  (file) => join(NAME, file),
);

interface HonoConfig {
  /** Whether middleware has subsegments. */
  readonly middlewareSpans?: boolean;
}

/**
 * Gives the server span of a Hono app its route, and the error that a handler throws, also if the app
 * responds to it.
 *
 * The span itself is created for `node:http`, which `@hono/node-server` uses. `@hono/otel` would
 * create a second one and requires a change to the app. Supports the class `Hono` exported by
 * `hono`.
 */
export class HonoInstrumentation {
  readonly #hook: Hook;

  constructor({ middlewareSpans = false }: HonoConfig = {}) {
    const wrap = (handler: Handler, { method }: Route): Handler =>
      middlewareSpans && method === 'ALL' ? tracedMiddleware(handler) : recordingErrors(handler);
    this.#hook = new Hook([NAME, ...STREAMING], {}, (exports, name) =>
      name === NAME
        ? withHono(exports as HonoExports, wrap)
        : withStreams(exports as Record<string, unknown>),
    );
  }

  disable(): void {
    this.#hook.unhook();
  }
}

type Handler = (this: unknown, ...args: unknown[]) => unknown;
type WrapHandler = (handler: Handler, route: Route) => Handler;

interface HonoExports {
  Hono: new (...args: never[]) => { router: Router; onError: Handler };
}

/** The part of a Hono router that is called for every request. */
interface Router {
  add(method: string, path: string, entry: readonly [Handler, Route]): void;
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

function withHono(exports: HonoExports, wrap: WrapHandler): HonoExports {
  const Original = exports.Hono;
  if (typeof Original !== 'function') return exports;
  const Hono = class Hono extends Original {
    constructor(...args: never[]) {
      super(...args);
      this.router = watched(this.router, wrap);
      const { onError } = this;
      this.onError = function (this: unknown, handler): unknown {
        // Part of an app answers its errors before they reach the handlers of the whole.
        const own = typeof handler === 'function' ? answeringErrors(handler as Handler) : handler;
        return onError.call(this, own);
      };
    }
  };
  // The exports are writable: those of a wrapped ES module, and those of today's CommonJS build.
  if (types.isProxy(exports) || Object.getOwnPropertyDescriptor(exports, 'Hono')?.writable) {
    exports.Hono = Hono;
    return exports;
  }
  return withExports(exports, { Hono });
}

/**
 * Returns a router that reports each match. Routers have private fields, so calls go to the
 * original.
 */
function watched(router: Router, wrap: WrapHandler): Router {
  return new Proxy(router, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      if (name === 'add') {
        return (method: string, path: string, [handler, route]: readonly [Handler, Route]): void =>
          target.add(method, path, [wrap(handler, route), route]);
      }
      if (name !== 'match') return value.bind(target);
      return (method: string, path: string): MatchResult => {
        // Read each time: a router replaces its `match` by a faster function at the first call.
        const result = target.match(method, path);
        attempt(NAME, () => noteRoute(result, path));
        return result;
      };
    },
    set: (target, name, value) => Reflect.set(target, name, value, target),
  });
}

function recordingErrors(handler: Handler): Handler {
  return function (this: unknown, ...args: unknown[]): unknown {
    let result: unknown;
    try {
      result = handler.apply(this, args);
    } catch (error) {
      recordThrown(error);
      throw error;
    }
    if (types.isPromise(result)) result.then(undefined, recordThrown);
    return result;
  };
}

function answeringErrors(handler: Handler): Handler {
  return function (this: unknown, ...args: unknown[]): unknown {
    recordThrown(args[0]);
    return handler.apply(this, args);
  };
}

/** Records the errors of what writes a stream, which Hono catches: the response has started. */
function withStreams(exports: Record<string, unknown>): object {
  const functions = ['stream', 'streamText', 'streamSSE'].flatMap((name) => {
    const original = exports[name];
    return typeof original === 'function' ? [[name, writing(original as AnyFunction)]] : [];
  });
  return withExports(exports, Object.fromEntries(functions) as Record<string, unknown>);
}

function writing(original: AnyFunction): AnyFunction {
  return like(original, function (this: unknown, inside, write, ...rest): unknown {
    const watched = typeof write === 'function' ? recordingErrors(write as Handler) : write;
    return original.call(this, inside, watched, ...rest);
  });
}

/** Records an error on the segment. Hono also redirects by throwing. */
function recordThrown(error: unknown): void {
  const { status } = (error ?? {}) as { readonly status?: unknown };
  if (typeof status === 'number' && status < 400) return;
  const span = getRPCMetadata(context.active())?.span ?? trace.getActiveSpan();
  if (span !== undefined) recordHandledError(span, error);
}

function tracedMiddleware(handler: Handler): Handler {
  const run = recordingErrors(handler);
  return function (this: unknown, ...args: unknown[]): unknown {
    return runInSpan(
      NAME,
      () => trace.getTracer(`otel-xray/${NAME}`).startSpan(handler.name || 'middleware'),
      () => run.apply(this, args),
    );
  };
}

const PATH: unique symbol = Symbol('otel-xray path of a request');

/**
 * Metadata of a request with its path, of which an app that is mounted (`app.mount()`) gets the rest. An
 * entry of a `WeakMap` takes longer in each garbage collection.
 */
interface MetadataWithPath extends RPCMetadata {
  [PATH]?: string;
}

/** The handler that responds is the last one that is not registered for all methods, as middleware is. */
function noteRoute(result: MatchResult, path: string): void {
  const metadata: MetadataWithPath | undefined = getRPCMetadata(context.active());
  if (metadata === undefined) return;
  metadata[PATH] ??= path;
  const whole = metadata[PATH];
  const mount = mountOf({ originalUrl: whole, path });
  const routes = result[0].map(([[, route]]) => route);
  const route = routes.findLast(({ method }) => method !== 'ALL') ?? routes.at(-1);
  // A request that a handler makes inside the app (`app.request()`) does not change the route.
  const isInside = mount === '' && path !== whole;
  if (route !== undefined && !isInside) noteMountedRoute(mount, route.path);
}
