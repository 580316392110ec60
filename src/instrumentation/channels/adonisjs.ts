import { setRoute } from '../spans/request-route.ts';
import {
  type ChannelOptions,
  type ChannelTracing,
  channelTracing,
  startMiddleware,
  stepTracer,
} from './tracing-channel.ts';

interface RouteMessage {
  readonly route?: { readonly pattern?: string };
}

interface MiddlewareMessage {
  /** A function, or an object with a name. */
  readonly middleware?: { readonly name?: unknown };
}

/**
 * Traces requests of AdonisJS by its channels: the handler of a route is a subsegment, as in Express. The
 * segment, which `node:http` creates, gets the route.
 */
export function traceLibrary(options: ChannelOptions): ChannelTracing {
  const tracer = stepTracer('adonisjs', options.version);
  return channelTracing('adonisjs', {
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
        const name = String(middleware?.name || 'middleware');
        return startMiddleware(tracer, name, { 'adonisjs.type': 'middleware' }, outer, options);
      },
    },
  });
}
