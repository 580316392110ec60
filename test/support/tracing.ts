import {
  type Attributes,
  context,
  type DiagLogger,
  DiagLogLevel,
  diag,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  trace,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { type RPCMetadata, RPCType, setRPCMetadata } from '@opentelemetry/core';
import { AWSXRayPropagator } from '@opentelemetry/propagator-aws-xray';
import {
  InMemorySpanExporter,
  type ReadableSpan,
  type Sampler,
  SimpleSpanProcessor,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';

/** A registered provider that stores its spans and all `diag` messages. */
export interface Tracing {
  readonly provider: NodeTracerProvider;
  /** Ended spans, ordered by end. */
  spans(): readonly ReadableSpan[];
  /** Returns the ended span with this name. */
  span(name: string): ReadableSpan;
  /** Messages as `level: message`. */
  readonly logged: string[];
  reset(): void;
  close(): Promise<void>;
}

export function startTracing(
  options: { readonly sampler?: Sampler; readonly processors?: readonly SpanProcessor[] } = {},
): Tracing {
  const exporter = new InMemorySpanExporter();
  const provider = new NodeTracerProvider({
    spanProcessors: [...(options.processors ?? []), new SimpleSpanProcessor(exporter)],
    ...(options.sampler === undefined ? {} : { sampler: options.sampler }),
  });
  const logged: string[] = [];
  diag.setLogger(recorder(logged), { logLevel: DiagLogLevel.INFO, suppressOverrideMessage: true });
  logged.length = 0;
  provider.register({
    contextManager: new AsyncLocalStorageContextManager().enable(),
    propagator: new AWSXRayPropagator(),
  });
  logged.length = 0;
  return {
    provider,
    logged,
    spans: () => exporter.getFinishedSpans(),
    span(name) {
      const found = exporter.getFinishedSpans().filter((span) => span.name === name);
      if (found.length !== 1 || found[0] === undefined) {
        throw new Error(`${found.length} spans have the name ${name}`);
      }
      return found[0];
    },
    reset() {
      exporter.reset();
      logged.length = 0;
    },
    async close() {
      await provider.shutdown();
      trace.disable();
      context.disable();
      propagation.disable();
      diag.disable();
    },
  };
}

/** Returns name, parent and errors of each span, in their order. */
export function placesOf(spans: readonly ReadableSpan[]): readonly string[] {
  const names = new Map(spans.map((span) => [span.spanContext().spanId, span.name]));
  return spans.map((span) => {
    const errors = span.events.map((event) => event.attributes?.['exception.message']);
    const parent = names.get(span.parentSpanContext?.spanId ?? '') ?? '-';
    return [span.name, 'below', parent, ...errors].join(' ');
  });
}

/** Returns the annotation and metadata attributes of a span. */
export function xrayAttributes(span: ReadableSpan): Attributes {
  return Object.fromEntries(
    Object.entries(span.attributes).filter(([key]) => key.startsWith('aws.xray.')),
  );
}

function recorder(logged: string[]): DiagLogger {
  const at =
    (level: string) =>
    (message: string): void => {
      logged.push(`${level}: ${message}`);
    };
  return {
    error: at('error'),
    warn: at('warn'),
    info: at('info'),
    debug: at('debug'),
    verbose: at('verbose'),
  };
}

/**
 * Runs work in the server span of an HTTP request.
 *
 * @param route that a server around the framework has set
 * @returns what instrumentations have noted of the request
 */
export async function inRequest(work: () => unknown, route?: string): Promise<RPCMetadata> {
  const span = trace.getTracer('http').startSpan('GET', { kind: SpanKind.SERVER }, ROOT_CONTEXT);
  const metadata: RPCMetadata = { type: RPCType.HTTP, span, ...(route && { route }) };
  await context.with(setRPCMetadata(trace.setSpan(ROOT_CONTEXT, span), metadata), work);
  span.end();
  return metadata;
}
