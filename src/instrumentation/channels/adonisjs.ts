import { type Context, trace } from '@opentelemetry/api';
import { getRPCMetadata } from '@opentelemetry/core';
import { foldingProvider, foldRule } from '../spans/folding.ts';
import { type ChannelOptions, type ChannelTracing, channelTracing } from './tracing-channel.ts';

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
export function traceLibrary({ version, middlewareSpans }: ChannelOptions): ChannelTracing {
  const provider = foldingProvider(foldRule('adonisjs', middlewareSpans));
  const tracer = provider.getTracer('otel-xray/adonisjs', version);
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
        const around = middlewareSpans ? undefined : trace.getSpan(outer);
        if (around !== undefined) return { around };
        const name = String(middleware?.name || 'middleware');
        const attributes = { 'adonisjs.type': 'middleware' };
        return { span: tracer.startSpan(name, { attributes }, outer) };
      },
    },
  });
}

function setRoute(outer: Context, route: string | undefined): void {
  const metadata = getRPCMetadata(outer);
  if (metadata !== undefined && route !== undefined) metadata.route = route;
}
