// ADOT's copy of the OpenTelemetry SDK with the http instrumentation alone; with ADOT_UDP=host:port
// ADOT's exporter as well, in the batches of ten that it sets on Lambda.
const { createRequire } = require('node:module');
const adot = createRequire(__filename);

const { NodeTracerProvider, BatchSpanProcessor, AlwaysOnSampler } = adot(
  '@opentelemetry/sdk-trace-node',
);
const { registerInstrumentations } = adot('@opentelemetry/instrumentation');
const { HttpInstrumentation } = adot('@opentelemetry/instrumentation-http');
const { AWSXRayIdGenerator } = adot('@opentelemetry/id-generator-aws-xray');
const { resourceFromAttributes } = adot('@opentelemetry/resources');

/** Not among its public names, but what its register uses on Lambda. */
const { OTLPUdpSpanExporter } = adot(
  './node_modules/@aws/aws-distro-opentelemetry-node-autoinstrumentation/build/src/otlp-udp-exporter.js',
);

const address = process.env.ADOT_UDP;
const exporting = address
  ? [new BatchSpanProcessor(new OTLPUdpSpanExporter(address, 'T1S'), { maxExportBatchSize: 10 })]
  : [];
new NodeTracerProvider({
  spanProcessors: exporting,
  sampler: new AlwaysOnSampler(),
  idGenerator: new AWSXRayIdGenerator(),
  resource: resourceFromAttributes({ 'service.name': 'bench' }),
}).register();
registerInstrumentations({ instrumentations: [new HttpInstrumentation()] });
