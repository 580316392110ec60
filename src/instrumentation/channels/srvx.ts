import {
  type ChannelOptions,
  type ChannelTracing,
  channelTracing,
  startMiddleware,
  stepTracer,
} from './tracing-channel.ts';

interface MiddlewareMessage {
  readonly middleware?: { readonly handler?: { readonly name?: string } };
}

/**
 * Traces middleware of srvx by its channel, which it publishes if the app adds `tracingPlugin` of
 * `srvx/tracing`. Its channel for requests is not used: the segment comes from `node:http`.
 */
export function traceLibrary(options: ChannelOptions): ChannelTracing {
  const tracer = stepTracer('srvx', options.version);
  return channelTracing('srvx', {
    'srvx.middleware': {
      isAsync: true,
      start({ middleware }: MiddlewareMessage, outer) {
        const name = middleware?.handler?.name || 'middleware';
        return startMiddleware(tracer, name, { 'srvx.type': 'middleware' }, outer, options);
      },
    },
  });
}
