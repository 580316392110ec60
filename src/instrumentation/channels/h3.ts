import { types } from 'node:util';
import { setRoute } from '../spans/request-route.ts';
import {
  type ChannelOptions,
  type ChannelTracing,
  channelTracing,
  startMiddleware,
  stepTracer,
} from './tracing-channel.ts';

interface RequestMessage {
  readonly type: 'middleware' | 'route';
  readonly event?: {
    /** `matchedRoute` is absent if no route matches. */
    readonly context?: { readonly matchedRoute?: { readonly route?: string } };
  };
}

/**
 * Traces h3 2 by its channel, which it publishes if the app registers `tracingPlugin` of `h3/tracing`.
 * A handler is a subsegment, as in Express; an error may be thrown or returned. The segment, which `node:http`
 * creates, gets the route.
 */
export function traceLibrary(options: ChannelOptions): ChannelTracing {
  const tracer = stepTracer('h3', options.version);
  return channelTracing('h3', {
    'h3.request': {
      isAsync: true,
      start({ type, event }: RequestMessage, outer) {
        const route = event?.context?.matchedRoute?.route;
        setRoute(outer, route);
        if (type === 'route') {
          const attributes = { 'h3.type': 'request_handler', 'http.route': route };
          return { span: tracer.startSpan('request handler', { attributes }, outer) };
        }
        return startMiddleware(tracer, 'middleware', { 'h3.type': 'middleware' }, outer, options);
      },
      isError: types.isNativeError,
    },
  });
}
