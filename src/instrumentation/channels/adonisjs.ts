import { createContextKey } from '@opentelemetry/api';
import { setRoute } from '../spans/request-route.ts';
import {
  type ChannelOptions,
  type ChannelTracing,
  channelTracing,
  startMiddleware,
  stepTracer,
} from './tracing-channel.ts';

/** Key of contexts with what AdonisJS knows of the request. */
const REQUEST: symbol = createContextKey('otel-xray.adonisjs-request');

/** Its route is known once the server middleware has run. */
interface RequestMessage {
  readonly ctx?: RouteMessage;
}

interface RouteMessage {
  readonly route?: { readonly pattern?: string };
}

interface MiddlewareMessage {
  /** A function, or an object with a name. */
  readonly middleware?: { readonly name?: unknown };
}

/**
 * Traces requests of AdonisJS by its channels: the handler of a route is a subsegment, as in Express. The
 * segment, which `node:http` creates, gets the route, also if the middleware of the route responds.
 */
export function traceLibrary(options: ChannelOptions): ChannelTracing {
  const tracer = stepTracer('adonisjs', options.version);
  return channelTracing('adonisjs', {
    'adonisjs.http.request': {
      start: ({ ctx }: RequestMessage, outer) => ({ context: outer.setValue(REQUEST, ctx) }),
    },
    'adonisjs.http.route.handler': {
      start({ route }: RouteMessage, outer) {
        const pattern = route?.pattern;
        setRoute(outer, pattern);
        const attributes = { 'adonisjs.type': 'request_handler', 'http.route': pattern };
        return { span: tracer.startSpan('request handler', { attributes }, outer) };
      },
    },
    'adonisjs.http.middleware': {
      start({ middleware }: MiddlewareMessage, outer) {
        const request = outer.getValue(REQUEST) as RouteMessage | undefined;
        setRoute(outer, request?.route?.pattern);
        const name = String(middleware?.name || 'middleware');
        return startMiddleware(tracer, name, { 'adonisjs.type': 'middleware' }, outer, options);
      },
    },
  });
}
