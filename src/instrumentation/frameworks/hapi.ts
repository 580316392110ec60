import { type Attributes, context, type Tracer, trace } from '@opentelemetry/api';
import { getRPCMetadata } from '@opentelemetry/core';
import { HapiInstrumentation as UpstreamInstrumentation } from '@opentelemetry/instrumentation-hapi';
import { recordFailure } from '../spans/record-failure.ts';
import { setRoute } from '../spans/request-route.ts';
import { attempt } from '../wrap/guard.ts';
import { type AnyFunction, named } from '../wrap/same-shape.ts';
import { derived } from './derived.ts';

/** Members of upstream's class that are used here. */
interface UpstreamClass {
  readonly tracer: Tracer;
  _getServerPatch(original: AnyFunction): AnyFunction;
  _wrap(target: object, name: string, wrapper: (original: AnyFunction) => AnyFunction): void;
}

const Upstream: new (config?: object) => UpstreamClass = UpstreamInstrumentation as never;

interface Options {
  readonly handler?: unknown;
}

interface Route extends Options {
  readonly path?: string;
  readonly method?: string;
  readonly options?: Options | AnyFunction;
}

/** A server before the instrumentation changes its methods. */
interface Server {
  ext(step: string, method: typeof noteRoute): void;
}

interface Request {
  readonly route: { readonly path: string; readonly method: string };
}

interface Extension {
  readonly type?: unknown;
  readonly method?: unknown;
}

interface Plugin {
  readonly name?: string;
  readonly pkg?: { readonly name?: string };
  readonly register?: unknown;
  readonly plugin?: unknown;
}

interface Described {
  readonly name: string;
  readonly attributes: Attributes;
}

/** The steps of a request at which extensions run; others belong to the server. */
const STEPS: ReadonlySet<unknown> = new Set([
  'onRequest',
  'onPreAuth',
  'onCredentials',
  'onPostAuth',
  'onPreHandler',
  'onPostHandler',
  'onPreResponse',
]);

/**
 * Traces hapi with the spans of upstream. Upstream calls extensions without their `this`, which
 * `server.bind()` sets, and replaces functions in the plugins, routes and extensions of the app, so
 * that a plugin that is registered twice is traced twice.
 */
export class HapiInstrumentation extends Upstream {
  override _getServerPatch(original: AnyFunction): AnyFunction {
    return super._getServerPatch(function (this: unknown, ...args: unknown[]): unknown {
      const server = original.apply(this, args);
      attempt('hapi', () => (server as Server).ext('onPreAuth', noteRoute));
      return server;
    });
  }

  _getServerRegisterPatch(original: AnyFunction): AnyFunction {
    const traced = (item: unknown): unknown => this.#plugin(item);
    return function (this: unknown, plugins: unknown, ...rest: unknown[]): unknown {
      return original.call(this, each(plugins, traced), ...rest);
    };
  }

  _getServerRoutePatch(original: AnyFunction, plugin?: string): AnyFunction {
    const traced = (item: unknown): unknown => this.#route(item, plugin);
    return function (this: unknown, routes: unknown, ...rest: unknown[]): unknown {
      return original.call(this, each(routes, traced), ...rest);
    };
  }

  _getServerExtPatch(original: AnyFunction, plugin?: string): AnyFunction {
    const traced = (step: unknown, method: unknown): unknown =>
      each(method, (one) => this.#extension(step, one, plugin));
    const event = (item: unknown): unknown =>
      isObject<Extension>(item) && STEPS.has(item.type)
        ? derived(item, { method: traced(item.type, item.method) })
        : item;
    return function (this: unknown, first: unknown, ...rest: unknown[]): unknown {
      if (!STEPS.has(first)) return original.call(this, each(first, event), ...rest);
      const [method, ...others] = rest;
      return original.call(this, first, traced(first, method), ...others);
    };
  }

  #plugin(item: unknown): unknown {
    if (!isObject<Plugin>(item)) return item;
    if (isObject(item.plugin)) return derived(item, { plugin: this.#plugin(item.plugin) });
    const { name = item.pkg?.name, register } = item;
    if (!isFunction(register)) return item;
    const wrapServer = (server: object): void => {
      this._wrap(server, 'route', (original) => this._getServerRoutePatch(original, name));
      this._wrap(server, 'ext', (original) => this._getServerExtPatch(original, name));
    };
    const traced = function (this: unknown, ...args: unknown[]): unknown {
      attempt('hapi', () => wrapServer(args[0] as object));
      return register.apply(this, args);
    };
    return derived(item, { register: named(register, traced) });
  }

  #route(route: unknown, plugin: string | undefined): unknown {
    if (!isObject<Route>(route)) return route;
    const { handler, options } = route;
    const traced = <Target extends Options>(target: Target): Target =>
      isFunction(target.handler)
        ? derived(target, { handler: this.#handler(target.handler, route, plugin) } as Target)
        : target;
    if (isFunction(handler)) return traced(route);
    if (isObject<Options>(options)) return derived(route, { options: traced(options) });
    if (!isFunction(options)) return route;
    const tracedOptions = function (this: unknown, ...args: unknown[]): unknown {
      const result = options.apply(this, args);
      return isObject<Options>(result) ? traced(result) : result;
    };
    return derived(route, { options: named(options, tracedOptions) });
  }

  #handler(handler: AnyFunction, route: Route, plugin: string | undefined): AnyFunction {
    const { path = '', method = '' } = route;
    const attributes = { 'http.route': path, 'http.request.method': method };
    const described: Described =
      plugin === undefined
        ? { name: `route - ${path}`, attributes: { ...attributes, 'hapi.type': 'router' } }
        : {
            name: `${plugin}: route - ${path}`,
            attributes: { ...attributes, 'hapi.type': 'plugin', 'hapi.plugin.name': plugin },
          };
    return this.#traced(handler, described);
  }

  #extension(step: unknown, method: unknown, plugin: string | undefined): unknown {
    if (!isFunction(method)) return method;
    const { name: own } = method;
    // The name that a function has as a property of an event.
    const name = own === '' || own === 'method' ? `ext - ${step}` : `ext - ${step} - ${own}`;
    const attributes = { 'hapi.type': 'server.ext', 'server.ext.type': String(step) };
    return this.#traced(
      method,
      plugin === undefined
        ? { name, attributes }
        : { name: `${plugin}: ${name}`, attributes: { ...attributes, 'hapi.plugin.name': plugin } },
    );
  }

  /** Returns a function that runs `target` with a span within a trace. */
  #traced(target: AnyFunction, { name, attributes }: Described): AnyFunction {
    const startSpan = () => this.tracer.startSpan(name, { attributes });
    const traced = async function (this: unknown, ...args: unknown[]): Promise<unknown> {
      const active = context.active();
      const span = trace.getSpan(active) && attempt('hapi', startSpan);
      if (span === undefined) return target.apply(this, args);
      try {
        const within = trace.setSpan(active, span);
        const result = await context.with(within, () => target.apply(this, args));
        // hapi answers an error that is returned as one that is thrown.
        if (result instanceof Error) attempt('hapi', () => recordFailure(span, result));
        return result;
      } catch (error) {
        attempt('hapi', () => recordFailure(span, error));
        throw error;
      } finally {
        span.end();
      }
    };
    return named(target, traced);
  }
}

/**
 * Gives the segment the route of its request, whatever answers it: a handler, authentication, validation,
 * or a handler of a plugin, such as `{ directory: … }`. `server.inject()` inside a handler does not
 * change it.
 */
function noteRoute({ route }: Request, toolkit: { readonly continue: symbol }): symbol {
  attempt('hapi', () => {
    const active = context.active();
    const isInjected = getRPCMetadata(active)?.route !== undefined;
    // hapi has routes of its own for requests that no route of the app matches.
    if (!isInjected && route.method !== '_special') setRoute(active, route.path);
  });
  return toolkit.continue;
}

function each(value: unknown, change: (one: unknown) => unknown): unknown {
  return Array.isArray(value) ? value.map(change) : change(value);
}

function isObject<Kind = object>(value: unknown): value is Kind & object {
  return typeof value === 'object' && value !== null;
}

function isFunction(value: unknown): value is AnyFunction {
  return typeof value === 'function';
}
