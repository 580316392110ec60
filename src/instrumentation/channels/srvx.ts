import { trace } from '@opentelemetry/api';
import { foldingProvider, foldRule } from '../spans/folding.ts';
import { type ChannelOptions, type ChannelTracing, channelTracing } from './tracing-channel.ts';

interface MiddlewareMessage {
  readonly middleware?: { readonly handler?: { readonly name?: string } };
}

/**
 * Traces middleware of srvx by its channel, which it publishes if the app adds `tracingPlugin` of
 * `srvx/tracing`. Its channel for requests is not used: the segment comes from `node:http`.
 */
export function traceLibrary({ version, middlewareSpans }: ChannelOptions): ChannelTracing {
  const provider = foldingProvider(foldRule('srvx', middlewareSpans));
  const tracer = provider.getTracer('otel-xray/srvx', version);
  return channelTracing('srvx', {
    'srvx.middleware': {
      start({ middleware }: MiddlewareMessage, outer) {
        const around = middlewareSpans ? undefined : trace.getSpan(outer);
        if (around !== undefined) return { around };
        const name = middleware?.handler?.name || 'middleware';
        const attributes = { 'srvx.type': 'middleware' };
        return { span: tracer.startSpan(name, { attributes }, outer) };
      },
    },
  });
}
