import type { TextMapPropagator } from '@opentelemetry/api';
import { B3InjectEncoding, B3Propagator } from '@opentelemetry/propagator-b3';
import {
  BatchSpanProcessor,
  ConsoleSpanExporter,
  type SpanExporter,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace';

/** Parts of the OpenTelemetry SDK that few apps need; the rest is in `provider.ts`. */

export function b3Propagator(headers: 'one' | 'several'): TextMapPropagator {
  const { SINGLE_HEADER, MULTI_HEADER } = B3InjectEncoding;
  return new B3Propagator({ injectEncoding: headers === 'one' ? SINGLE_HEADER : MULTI_HEADER });
}

/** Returns OpenTelemetry's batch processor, for exporters other than ours. */
export function batchProcessor(
  exporter: SpanExporter,
  limits: {
    readonly maxQueueSize: number;
    readonly maxExportBatchSize: number;
    readonly exportTimeoutMs: number;
  },
): SpanProcessor {
  return new BatchSpanProcessor({
    exporter,
    maxQueueSize: limits.maxQueueSize,
    maxExportBatchSize: Math.min(limits.maxExportBatchSize, limits.maxQueueSize),
    exportTimeoutMillis: limits.exportTimeoutMs,
  });
}

/** Returns a processor that prints each span when it ends, with the resource attributes known by then. */
export function consoleProcessor(): SpanProcessor {
  const exporter = new ConsoleSpanExporter();
  return {
    onStart() {},
    onEnd: (span) => exporter.export([span], () => {}),
    forceFlush: () => exporter.forceFlush(),
    shutdown: () => exporter.shutdown(),
  };
}
