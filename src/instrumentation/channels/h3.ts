import { types } from 'node:util';
import { type Context, trace } from '@opentelemetry/api';
import { getRPCMetadata } from '@opentelemetry/core';
import { foldingProvider, foldRule } from '../folding.ts';
import { recordFailure } from '../record-failure.ts';
import { type ChannelOptions, type ChannelTracing, channelTracing } from './tracing-channel.ts';

interface RequestMessage {
  readonly type: 'middleware' | 'route';
  readonly event?: {
    /** `matchedRoute` is absent if no route matches. */
    readonly context?: { readonly matchedRoute?: { readonly route?: string } };
  };
}

/**
 * Traces h3 2 by its channel, which it publishes if the app registers `tracingPlugin` of `h3/tracing`.
 * A handler is a subsegment, as in Express. The segment, which `node:http` creates, gets the route.
 */
export function traceLibrary({ version, middlewareSpans }: ChannelOptions): ChannelTracing {
  const rule = foldRule('h3', middlewareSpans);
  const provider = rule === undefined ? trace : foldingProvider(rule);
  const tracer = provider.getTracer('otel-xray/h3', version);
  return channelTracing('h3', {
    'h3.request': {
      start(message: RequestMessage, outer) {
        const route = message.event?.context?.matchedRoute?.route;
        setRoute(outer, route);
        const isHandler = message.type === 'route';
        const attributes = {
          'h3.type': isHandler ? 'request_handler' : 'middleware',
          ...(isHandler && { 'http.route': route }),
        };
        const name = isHandler ? 'request handler' : 'middleware';
        return { span: tracer.startSpan(name, { attributes }, outer) };
      },
      // h3 answers an error that is returned as one that is thrown.
      onResult(span, { result }) {
        if (types.isNativeError(result)) recordFailure(span, result);
      },
    },
  });
}

/** Sets the route of the segment; a route for all paths says nothing. */
function setRoute(outer: Context, route: string | undefined): void {
  const metadata = getRPCMetadata(outer);
  if (metadata !== undefined && route !== undefined && route !== '/**') metadata.route = route;
}
