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
import { resumeHandler, suspendHandler } from '../spans/handler-spans.ts';
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

/** A call of the handlers of a route, and of those of other routes that they pass the request on to. */
interface Call {
  readonly span: Span;
  readonly response: EventEmitter;
  /** Ends the span. */
  readonly end: () => void;
  /** Around the handlers that run now. */
  outer: Context;
  /** Whether the span ends with the response. */
  isWaiting: boolean;
}

/** Property of the span around a call that has passed the request on. */
const PASSED_ON: unique symbol = Symbol('otel-xray passed on');

interface AroundSpan extends Span {
  [PASSED_ON]?: Call | undefined;
}

/**
 * Returns the function of a layer with the handlers of a route, with a span as that of upstream: until the
 * handlers call `next`, or the response is closed. Unless middleware has spans, handlers of another route
 * to which these pass the request on have the same span: apps such as Medusa register middleware as handlers
 * of the same path. Upstream's function takes all kinds of layers and needs a guard around it, which watches
 * the callbacks of each call; that takes 5 µs of each request.
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
    const isJoined = tracing.getConfig().ignoreLayersType?.includes('middleware') === true;
    const passed =
      typeof next === 'function' ? endingBefore(call, next as AnyFunction, isJoined) : next;
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
  const around: AroundSpan | undefined = trace.getSpan(outer);
  if (around === undefined) return undefined;
  const route = routeOf(request);
  const shown = route || layerPath.path;
  const attributes = {
    'http.route': route,
    'express.name': shown ?? 'request handler',
    'express.type': 'request_handler',
  };
  const call = around[PASSED_ON];
  if (call !== undefined && call.response === response && call.span.isRecording()) {
    around[PASSED_ON] = undefined;
    resumeHandler(call.span).setAttributes(attributes);
    return Object.assign(call, { outer });
  }
  const name = path ? `request handler - ${shown}` : 'request handler';
  const span = tracer.startSpan(name, { attributes }, outer);
  const end = (): void => {
    attempt(NAME, () => {
      if (span.isRecording()) span.end();
    });
  };
  return { span, outer, response, end, isWaiting: false };
}

/** What Express takes for no error, in a call of `next`. */
const NO_ERRORS: readonly unknown[] = [undefined, null, 'route', 'router'];

/**
 * Returns `next` for the handlers: what follows is no part of the span, which ends first. If other handlers may
 * join it, it ends with the response, as of now.
 */
function endingBefore(call: Call, next: AnyFunction, isJoined: boolean): AnyFunction {
  const { span, outer, response, end } = call;
  const around = trace.getSpan(outer) as AroundSpan;
  return function (this: unknown, ...args) {
    attempt(NAME, () => {
      if (!span.isRecording()) return;
      const isPassedOn = NO_ERRORS.includes(args[0]);
      if (isPassedOn && isJoined) {
        suspendHandler(span);
        around[PASSED_ON] = call;
        return;
      }
      if (!isPassedOn) recordFailure(span, args[0]);
      response.removeListener('close', end);
      end();
    });
    // With what the handlers have put into the context, such as baggage.
    return context.with(trace.setSpan(context.active(), around), next, this, ...args);
  };
}

/** Ends the span as the response closes, before the span of the request. */
function endWithResponse(call: Call): void {
  const { span, response, end } = call;
  if (!span.isRecording() || call.isWaiting) return;
  call.isWaiting = true;
  allowListeners(response, 1);
  response.prependOnceListener('close', end);
}

function recordFailure(span: Span, error: unknown): void {
  if (!span.isRecording()) return;
  span.recordException(error as Error);
  span.setStatus({ code: SpanStatusCode.ERROR, message: textOf(error) });
}
