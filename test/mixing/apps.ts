import { importLines } from '../support/framework-apps.ts';

/** The two lines of the OpenTelemetry SDK, with the packages of an app on that line. */
export interface SdkLine {
  readonly line: '2.x' | '3.x';
  readonly packages: readonly string[];
  /** Package and class of a provider that the app registers. */
  readonly provider: { readonly from: string; readonly name: string };
  /** Package of its batch processor, and the code to create one for an exporter. */
  readonly processors: { readonly from: string; readonly batch: string };
}

const BATCH_BY_ARGUMENT = '(exporter) => new BatchSpanProcessor(exporter)';
const BATCH_BY_OPTION = '(exporter) => new BatchSpanProcessor({ exporter })';

export const SDK_LINES: readonly SdkLine[] = [
  {
    line: '2.x',
    packages: [
      '@opentelemetry/api@1.9.1',
      '@opentelemetry/sdk-node@0.223.0',
      '@opentelemetry/sdk-trace-node@2.12.1',
      '@opentelemetry/sdk-trace-base@2.12.1',
      '@opentelemetry/instrumentation@0.223.0',
      '@opentelemetry/instrumentation-http@0.223.0',
      '@opentelemetry/instrumentation-express@0.71.1',
      'express@5.3.0',
    ],
    provider: { from: '@opentelemetry/sdk-trace-node', name: 'NodeTracerProvider' },
    processors: { from: '@opentelemetry/sdk-trace-base', batch: BATCH_BY_ARGUMENT },
  },
  {
    line: '3.x',
    packages: [
      '@opentelemetry/api@1.10.0',
      '@opentelemetry/sdk-node@0.301.0',
      '@opentelemetry/sdk-trace@3.1.1',
      '@opentelemetry/context-async-hooks@3.1.1',
      '@opentelemetry/instrumentation@0.301.0',
      '@opentelemetry/instrumentation-http@0.301.0',
      '@opentelemetry/instrumentation-express@0.72.0',
      'express@5.3.0',
    ],
    provider: { from: '@opentelemetry/sdk-trace', name: 'TracerProvider' },
    processors: { from: '@opentelemetry/sdk-trace', batch: BATCH_BY_OPTION },
  },
];

type Form = 'cjs' | 'mjs';
export const FORMS: readonly Form[] = ['cjs', 'mjs'];

const SERVICE = `
const app = express();
app.get('/echo', (_request, response) => response.json({}));
app.get('/call', (_request, response) => {
  trace.getTracer('app', '1').startActiveSpan('work', (span) => {
    http.get('http://127.0.0.1:' + server.address().port + '/echo', (answer) => {
      answer.resume().on('end', () => { span.end(); response.json({ status: answer.statusCode }); });
    });
  });
});
const server = app.listen(0, '127.0.0.1', () => console.log('listening on ' + server.address().port));
`;

/** An app that creates spans with the API and loads `set-up.<form>` first. */
export function serviceText(form: Form, ...first: readonly string[]): string {
  const before = Object.fromEntries(first.map((file) => ['_', `./${file}.${form}`]));
  const imports = {
    ...before,
    express: 'express',
    http: 'node:http',
    '{ trace }': '@opentelemetry/api',
  };
  return importLines(imports, form) + SERVICE;
}

/** Config of the app's own instrumentations, which marks their spans. */
const BY_APP = "{ requestHook: (span) => { span.setAttribute('by', 'app'); } }";

/** Code that calls `registerInstrumentations` in the app. */
export function ownInstrumentations(form: Form): string {
  return `${importLines(
    {
      '{ registerInstrumentations }': '@opentelemetry/instrumentation',
      '{ HttpInstrumentation }': '@opentelemetry/instrumentation-http',
      '{ ExpressInstrumentation }': '@opentelemetry/instrumentation-express',
    },
    form,
  )}
registerInstrumentations({
  instrumentations: [new HttpInstrumentation(${BY_APP}), new ExpressInstrumentation(${BY_APP})],
});
`;
}

const SILENT = `{
  onStart() {}, onEnd() {}, forceFlush: async () => {}, shutdown: async () => {},
}`;

/** A `NodeSDK` in the app, without an exporter. */
export function ownNodeSdk(form: Form): string {
  return `${importLines({ '{ NodeSDK }': '@opentelemetry/sdk-node' }, form)}
new NodeSDK({ spanProcessors: [${SILENT}], metricReaders: [], logRecordProcessors: [] }).start();
`;
}

const PARTS = `
const exporter = new XRayExporter({
  daemon: { host: '127.0.0.1', port: Number(process.env.DAEMON_PORT) },
  translate: (span) => toDocuments(span, {}),
});
const every = {
  RuleName: 'every', Priority: 1, ReservoirSize: 0, FixedRate: 1, ServiceName: '*', ServiceType: '*',
  Host: '*', HTTPMethod: '*', URLPath: '*', ResourceARN: '*', Attributes: {},
};
const parts = {
  sampler: new XRaySampler({ centralized: false, localRules: [every] }),
  idGenerator: xrayIdGenerator(),
};
`;
const OURS =
  '{ toDocuments, XRayExporter, XRaySampler, XRaySpanProcessor, xrayIdGenerator, xrayPropagator }';

/** A `NodeSDK` in the app with our exporter, sampler, propagator and id generator. */
export function nodeSdkWithParts(form: Form): string {
  return `${importLines(
    {
      [OURS]: 'otel-xray',
      '{ NodeSDK }': '@opentelemetry/sdk-node',
      '{ HttpInstrumentation }': '@opentelemetry/instrumentation-http',
      '{ ExpressInstrumentation }': '@opentelemetry/instrumentation-express',
    },
    form,
  )}
${PARTS}
const sdk = new NodeSDK({
  ...parts,
  serviceName: 'mixed',
  spanProcessors: [new XRaySpanProcessor({ exporter })],
  metricReaders: [],
  logRecordProcessors: [],
  textMapPropagator: xrayPropagator(),
  instrumentations: [new HttpInstrumentation(${BY_APP}), new ExpressInstrumentation(${BY_APP})],
});
sdk.start();
process.once('SIGTERM', () => sdk.shutdown().then(() => process.exit(0)));
`;
}

/** A provider in the app with our parts, and one span below a parent from our header. */
export function providerWithParts(form: Form, { provider, line }: SdkLine): string {
  const contexts =
    line === '3.x'
      ? { '{ AsyncLocalStorageContextManager }': '@opentelemetry/context-async-hooks' }
      : {};
  const register =
    line === '2.x'
      ? 'provider.register({ propagator: xrayPropagator() });'
      : `context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
propagation.setGlobalPropagator(xrayPropagator());
trace.setGlobalTracerProvider(provider);`;
  return `${importLines(
    {
      [OURS]: 'otel-xray',
      [`{ ${provider.name} }`]: provider.from,
      ...contexts,
      '{ context, propagation, ROOT_CONTEXT, SpanKind, trace }': '@opentelemetry/api',
    },
    form,
  )}
${PARTS}
const provider = new ${provider.name}({ ...parts, spanProcessors: [new XRaySpanProcessor({ exporter })] });
${register}
const tracer = trace.getTracer('app', '1');
const carrier = { 'x-amzn-trace-id': 'Root=1-5f84c7a5-0123456789abcdef01234567;Parent=53995c3f42cd8ad8;Sampled=1' };
const parent = propagation.extract(ROOT_CONTEXT, carrier);
const out = {};
context.with(parent, () => {
  tracer.startActiveSpan('served', { kind: SpanKind.SERVER }, (span) => {
    tracer.startActiveSpan('inner', (inner) => {
      propagation.inject(context.active(), out);
      inner.end();
    });
    span.end();
  });
});
tracer.startActiveSpan('alone', { root: true }, (span) => span.end());
provider.shutdown().then(() => console.log(out['x-amzn-trace-id'] ?? out['X-Amzn-Trace-Id']));
`;
}

/** Another distribution: a provider that is registered first. */
export function otherDistribution(): string {
  return ownNodeSdk('cjs');
}

/** Adds span processors in every supported way and prints the spans that each of them got. */
export function withProcessors(form: Form, { processors }: SdkLine): string {
  return `${importLines(
    {
      '{ start, traceTask }': 'otel-xray',
      '{ BatchSpanProcessor, InMemorySpanExporter }': processors.from,
      '{ trace }': '@opentelemetry/api',
    },
    form,
  )}
const batch = ${processors.batch};
const [byOption, byMethod, byProvider] = [1, 2, 3].map(() => new InMemorySpanExporter());
const tenant = {
  onStart(span) { span.setAttribute('tenant', 'a'); },
  onEnd() {}, forceFlush: async () => {}, shutdown: async () => {},
};
const started = start({ spanProcessors: [batch(byOption), tenant, { onStart() {} }] });
started.addSpanProcessor(batch(byMethod));
trace.getTracerProvider().getDelegate().addSpanProcessor(batch(byProvider));
traceTask('job', () => trace.getTracer('app').startActiveSpan('work', (span) => span.end()));
const got = (exporter) =>
  exporter.getFinishedSpans().map(({ name, attributes, resource }) =>
    [name, attributes.tenant, resource.attributes['service.name']].join(' '));
started.flush().then(() => {
  console.log(JSON.stringify({ byOption: got(byOption), byMethod: got(byMethod), byProvider: got(byProvider) }));
});
`;
}
