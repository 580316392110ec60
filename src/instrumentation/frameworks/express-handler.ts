import type { EventEmitter } from 'node:events';
import {
  type Context,
  context,
  type Span,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { textOf } from '../../attempt.ts';
import { attempt } from '../wrap/guard.ts';
import { allowListeners } from '../wrap/listener-limits.ts';
import { type AnyFunction, like } from '../wrap/same-shape.ts';
import { enterLayer, type LayerPath, noteRoute, routeOf } from './express-routes.ts';

const NAME = 'express';

/** A layer with the handlers of one route. */
interface RouteLayer {
  /** The part of the path of the request that it matched. */
  readonly path: string | undefined;
}

interface Config {
  readonly ignoreLayers?: unknown;
  readonly ignoreLayersType?: readonly string[];
  readonly requestHook?: unknown;
  readonly spanNameHook?: unknown;
}

/** The part of upstream's instrumentation that a handler needs. */
export interface HandlerTracing {
  readonly tracer: Tracer;
  getConfig(): Config;
}

/** A call of the handlers of a route. */
interface Call {
  readonly span: Span;
  readonly outer: Context;
  readonly response: EventEmitter;
  /** Ends the span. */
  readonly end: () => void;
}

/**
 * Returns the function of a layer with the handlers of a route, with a span as that of upstream: until the
 * handlers call `next`, or the response is closed. Upstream's function takes all kinds of layers and needs
 * a guard around it, which watches the callbacks of each call; that takes 5 µs of each request.
 *
 * @param traced upstream's function, for settings that this one does not know
 */
export function handlerWithSpan(
  original: AnyFunction,
  traced: AnyFunction,
  tracing: HandlerTracing,
  layer: RouteLayer,
  layerPath: LayerPath,
): AnyFunction {
  return like(traced, function (this: unknown, request, response, next, ...rest) {
    if (!isUsual(tracing.getConfig())) return traced.call(this, request, response, next, ...rest);
    const call = attempt(NAME, () =>
      startCall(tracing, layer, layerPath, request as object, response as EventEmitter),
    );
    if (call === undefined) return original.call(this, request, response, next, ...rest);
    const inner = trace.setSpan(call.outer, call.span);
    const passed = typeof next === 'function' ? endingBefore(call, next as AnyFunction) : next;
    try {
      return context.with(inner, original, this, request, response, passed, ...rest);
    } catch (error) {
      attempt(NAME, () => recordFailure(call.span, error));
      throw error;
    } finally {
      attempt(NAME, () => endWithResponse(call));
    }
  });
}

/** Returns whether the settings are those that only middleware and routers may be without spans. */
function isUsual({ ignoreLayers, ignoreLayersType, requestHook, spanNameHook }: Config): boolean {
  return (
    ignoreLayers === undefined &&
    requestHook === undefined &&
    spanNameHook === undefined &&
    ignoreLayersType?.includes('request_handler') !== true
  );
}

/** Notes the route of a request and starts the span; returns `undefined` outside a trace. */
function startCall(
  { tracer }: HandlerTracing,
  { path }: RouteLayer,
  layerPath: LayerPath,
  request: object,
  response: EventEmitter,
): Call | undefined {
  enterLayer(request, layerPath);
  const outer = context.active();
  noteRoute(request);
  if (trace.getSpan(outer) === undefined) return undefined;
  const route = routeOf(request);
  const shown = route || layerPath.path;
  const attributes = {
    'http.route': route,
    'express.name': shown ?? 'request handler',
    'express.type': 'request_handler',
  };
  const name = path ? `request handler - ${shown}` : 'request handler';
  const span = tracer.startSpan(name, { attributes }, outer);
  const end = (): void => {
    attempt(NAME, () => {
      if (span.isRecording()) span.end();
    });
  };
  return { span, outer, response, end };
}

/** What Express takes for no error, in a call of `next`. */
const NO_ERRORS: readonly unknown[] = [undefined, null, 'route', 'router'];

/** Returns `next` for the handlers: it ends the span first, and what follows is no part of it. */
function endingBefore({ span, outer, response, end }: Call, next: AnyFunction): AnyFunction {
  return function (this: unknown, ...args) {
    attempt(NAME, () => {
      if (!NO_ERRORS.includes(args[0])) recordFailure(span, args[0]);
      response.removeListener('close', end);
    });
    end();
    // With what the handlers have put into the context, such as baggage.
    const around = trace.getSpan(outer) as Span;
    return context.with(trace.setSpan(context.active(), around), next, this, ...args);
  };
}

/** Ends the span as the response closes, before the span of the request. */
function endWithResponse({ span, response, end }: Call): void {
  if (!span.isRecording()) return;
  allowListeners(response, 1);
  response.prependOnceListener('close', end);
}

function recordFailure(span: Span, error: unknown): void {
  if (!span.isRecording()) return;
  span.recordException(error as Error);
  span.setStatus({ code: SpanStatusCode.ERROR, message: textOf(error) });
}
