import { types } from 'node:util';
import { type Context, trace } from '@opentelemetry/api';
import { getRPCMetadata } from '@opentelemetry/core';
import { foldingProvider, foldRule } from '../spans/folding.ts';
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
 * A handler is a subsegment, as in Express; an error may be thrown or returned. The segment, which `node:http`
 * creates, gets the route.
 */
export function traceLibrary({ version, middlewareSpans }: ChannelOptions): ChannelTracing {
  const provider = foldingProvider(foldRule('h3', middlewareSpans));
  const tracer = provider.getTracer('otel-xray/h3', version);
  return channelTracing('h3', {
    'h3.request': {
      start({ type, event }: RequestMessage, outer) {
        const route = event?.context?.matchedRoute?.route;
        setRoute(outer, route);
        if (type === 'route') {
          const attributes = { 'h3.type': 'request_handler', 'http.route': route };
          return { span: tracer.startSpan('request handler', { attributes }, outer) };
        }
        const around = middlewareSpans ? undefined : trace.getSpan(outer);
        if (around !== undefined) return { around };
        const attributes = { 'h3.type': 'middleware' };
        return { span: tracer.startSpan('middleware', { attributes }, outer) };
      },
      isError: types.isNativeError,
    },
  });
}

/** Sets the route of the segment; a route for all paths says nothing. */
function setRoute(outer: Context, route: string | undefined): void {
  const metadata = getRPCMetadata(outer);
  if (metadata !== undefined && route !== undefined && route !== '/**') metadata.route = route;
}
