import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { XRayExporterOptions } from '../../src/exporter/options.ts';
import { sendAlone } from '../support/send-alone.ts';
import type { AnyApi, AnyTracer } from '../support/shop-trace.ts';

/** Destination of the spans of a subject. */
export interface Ports {
  readonly udpPort: number;
  readonly httpPort: number;
}

/** Structural type of a span processor. */
export interface AnyProcessor {
  onStart(span: unknown, context: unknown): void;
  onEnd(span: unknown): void;
  forceFlush(): Promise<void>;
  shutdown(): Promise<void>;
}

/** An SDK and the path from a finished span to the network. */
export interface Pipeline {
  readonly api: AnyApi;
  processor(ports: Ports): AnyProcessor;
  tracer(processors: readonly AnyProcessor[]): AnyTracer;
}

const root = join(import.meta.dirname, '../..');
const fromHere = createRequire(join(root, 'package.json'));
const adot = createRequire(join(root, 'benchmarks/peers/adot/package.json'));
/** Not exported publicly, but used by its register on Lambda. */
const ADOT_EXPORTER =
  './node_modules/@aws/aws-distro-opentelemetry-node-autoinstrumentation/build/src/otlp-udp-exporter.js';

const RESOURCE = {
  'service.name': 'checkout',
  'service.version': '1.4.2',
  'telemetry.sdk.name': 'opentelemetry',
  'telemetry.sdk.language': 'nodejs',
  'telemetry.sdk.version': '2.12.0',
  'cloud.provider': 'aws',
  'cloud.platform': 'aws_ecs',
};

/** Hides the receive queue, as if the daemon ran on another host. */
function openProc(): never {
  throw new Error('not looked at');
}

/** Same length as our documents. */
const BYTES_PER_TRACE = 2_220;

const NOTHING: AnyProcessor = {
  onStart() {},
  onEnd() {},
  forceFlush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
};

/** The SDK 2.12 that otel-xray compiles in. */
function sdk(processor: (ports: Ports) => AnyProcessor): () => Pipeline {
  return () => {
    const { TracerProvider, AlwaysOnSampler } = fromHere('@opentelemetry/sdk-trace');
    return tracing(fromHere, processor, (options) => {
      return new TracerProvider({ ...options, sampler: new AlwaysOnSampler() });
    });
  };
}

function tracing(
  require: NodeJS.Require,
  processor: (ports: Ports) => AnyProcessor,
  provider: (options: object) => { getTracer(name: string): AnyTracer },
): Pipeline {
  const { resourceFromAttributes } = require('@opentelemetry/resources');
  const { AWSXRayIdGenerator } = require('@opentelemetry/id-generator-aws-xray');
  return {
    api: require('@opentelemetry/api'),
    processor,
    tracer: (processors) =>
      provider({
        resource: resourceFromAttributes(RESOURCE),
        idGenerator: new AWSXRayIdGenerator(),
        spanProcessors: [...processors],
      }).getTracer('bench'),
  };
}

export const PIPELINES: Readonly<Record<string, () => Pipeline>> = {
  'no exporter': sdk(() => NOTHING),
  'otel-xray': sdk(({ udpPort }) => {
    const { XRayExporter, XRaySpanProcessor } = fromHere('./dist/index.cjs');
    // Not rate limited, because the sink has space for everything. With a rate limit, this process would
    // sleep in between, and each wake-up takes tens of microseconds of CPU time; no application creates
    // 25,000 traces per second.
    const options: XRayExporterOptions = {
      daemon: { host: '127.0.0.1', port: udpPort },
      maxQueueSize: 20_000,
      bytesPerMs: 1e6,
      deps: { openProc },
    };
    const exporter = new XRayExporter(options);
    return new XRaySpanProcessor({ exporter, maxQueueSize: 20_000 });
  }),
  'send alone': sdk(({ udpPort }) => sendAlone(udpPort, BYTES_PER_TRACE)),
  'OTLP/HTTP protobuf': sdk(({ httpPort }) => {
    const { BatchSpanProcessor } = fromHere('@opentelemetry/sdk-trace');
    const { OTLPTraceExporter } = fromHere('@opentelemetry/exporter-trace-otlp-proto');
    const exporter = new OTLPTraceExporter({ url: `http://127.0.0.1:${httpPort}/v1/traces` });
    return new BatchSpanProcessor({ exporter, maxQueueSize: 20_000 });
  }),
  'ADOT UDP': () => {
    const { NodeTracerProvider, BatchSpanProcessor, AlwaysOnSampler } = adot(
      '@opentelemetry/sdk-trace-node',
    );
    const { OTLPUdpSpanExporter } = adot(ADOT_EXPORTER);
    return tracing(
      adot,
      ({ udpPort }) =>
        new BatchSpanProcessor(new OTLPUdpSpanExporter(`127.0.0.1:${udpPort}`, 'T1S'), {
          // Value that ADOT sets on Lambda; a default batch does not fit into a datagram.
          maxExportBatchSize: 10,
          maxQueueSize: 20_000,
        }),
      (options) => new NodeTracerProvider({ ...options, sampler: new AlwaysOnSampler() }),
    );
  },
};
