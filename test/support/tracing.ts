import {
  type Attributes,
  context,
  type DiagLogger,
  DiagLogLevel,
  diag,
  propagation,
  trace,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { AWSXRayPropagator } from '@opentelemetry/propagator-aws-xray';
import {
  InMemorySpanExporter,
  type ReadableSpan,
  type Sampler,
  SimpleSpanProcessor,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';

/** A registered provider that keeps its spans, and every message said through `diag`. */
export interface Tracing {
  readonly provider: NodeTracerProvider;
  /** Ended spans in order of their end. */
  spans(): readonly ReadableSpan[];
  /** The ended span of this name. */
  span(name: string): ReadableSpan;
  /** What was said, `level: message`. */
  readonly said: string[];
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
  const said: string[] = [];
  diag.setLogger(recorder(said), { logLevel: DiagLogLevel.INFO, suppressOverrideMessage: true });
  said.length = 0;
  provider.register({
    contextManager: new AsyncLocalStorageContextManager().enable(),
    propagator: new AWSXRayPropagator(),
  });
  said.length = 0;
  return {
    provider,
    said,
    spans: () => exporter.getFinishedSpans(),
    span(name) {
      const found = exporter.getFinishedSpans().filter((span) => span.name === name);
      if (found.length !== 1 || found[0] === undefined) {
        throw new Error(`${found.length} spans are called ${name}`);
      }
      return found[0];
    },
    reset() {
      exporter.reset();
      said.length = 0;
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

/** The annotations and metadata attributes of a span. */
export function xrayAttributes(span: ReadableSpan): Attributes {
  return Object.fromEntries(
    Object.entries(span.attributes).filter(([key]) => key.startsWith('aws.xray.')),
  );
}

function recorder(said: string[]): DiagLogger {
  const at =
    (level: string) =>
    (message: string): void => {
      said.push(`${level}: ${message}`);
    };
  return {
    error: at('error'),
    warn: at('warn'),
    info: at('info'),
    debug: at('debug'),
    verbose: at('verbose'),
  };
}
