import {
  context,
  DiagConsoleLogger,
  DiagLogLevel,
  diag,
  propagation,
  trace,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { AlwaysOffSampler, ParentBasedSampler } from '@opentelemetry/sdk-trace-base';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { parseDaemonAddress } from '../../src/daemon-address.ts';
import { XRayExporter } from '../../src/exporter/index.ts';
import { XRaySpanProcessor } from '../../src/exporter/processor.ts';
import {
  isInvocationParent,
  lambdaMode,
  openSpansProcessor,
  startLambda,
} from '../../src/lambda/index.ts';
import { xrayPropagator } from '../../src/propagation/index.ts';
import {
  detectResource,
  LAMBDA_DETECTORS,
  liveResource,
  systemDeps,
} from '../../src/resource/index.ts';
import { toDocuments } from '../../src/translator/index.ts';

/** What `register` does in Lambda, put together from the parts. */
const { env } = process;
diag.setLogger(new DiagConsoleLogger(), DiagLogLevel.WARN);
const mode = lambdaMode(env);
if (mode === undefined) throw new Error('not in Lambda');
const resource = liveResource({}, detectResource(LAMBDA_DETECTORS, systemDeps(env)));
const options = {
  lambda: {
    parentId: (parent: { readonly spanId: string }) =>
      isInvocationParent(parent) ? parent.spanId : undefined,
  },
};
const exporter = new XRayExporter({
  daemon: parseDaemonAddress(env['AWS_XRAY_DAEMON_ADDRESS'] ?? '').udp,
  translate: (span) => toDocuments(span, options),
});
const processor = new XRaySpanProcessor({ exporter });
const provider = new NodeTracerProvider({
  resource,
  sampler: new ParentBasedSampler({ root: new AlwaysOffSampler() }),
  spanProcessors: [processor as never, openSpansProcessor as never],
});
trace.setGlobalTracerProvider(provider);
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
propagation.setGlobalPropagator(xrayPropagator());
startLambda(mode, {
  flushSync: (deadlineMs) => processor.flushSync(deadlineMs),
  sendInProgress: (spans) =>
    exporter.sendDocuments(spans.flatMap((span) => toDocuments(span, options))),
});
