import type { TracerProvider } from '@opentelemetry/api';
import type { SpanProcessor } from '@opentelemetry/sdk-trace';

import type { Config, Environment, ReadConfig } from '../config.ts';
import { infoOnce } from '../diagnostics.ts';
import { type Flushable, flushAtExit } from '../exporter/exit.ts';
import { XRayExporter } from '../exporter/index.ts';
import { XRaySpanProcessor } from '../exporter/processor.ts';
import { instrumentationConfig } from '../instrumentation/configs.ts';
import { instrument } from '../instrumentation/index.ts';
import { type LambdaMode, lambdaMode, openSpansProcessor, startLambda } from '../lambda/index.ts';
import { traceConsole } from '../logs/console.ts';
import { propagatorFromNames, traceResponseHook } from '../propagation/index.ts';
import { linkOtherParent } from '../propagation/other-parent.ts';
import { registerProvider } from '../provider.ts';
import { holdUntilKnown } from '../resource/index.ts';
import { VERSION } from '../version.ts';
import { codeApiProcessors } from './code-api.ts';
import { dumpTo } from './dump.ts';
import { isEsmEntry } from './entry-point.ts';
import { enabledInstrumentations } from './instrumentations.ts';
import { propagatorFactories } from './propagators.ts';
import { serviceResource } from './resource.ts';
import { chosenSampler } from './sampler.ts';
import { otherProcessors } from './side-exporters.ts';
import { startLine } from './start-line.ts';
import { type AppSpanProcessor, isSpanProcessor, type Started } from './started.ts';
import { joinThreads } from './threads.ts';
import { translatorOptions } from './translator-options.ts';

/**
 * Puts the parts together as the configuration says, registers them with the API, and watches for
 * modules to instrument. Sockets are open when it returns, so that a span that ends in the first
 * tick of the app can be sent in its last.
 */
export function startPipeline(
  read: ReadConfig,
  env: Environment,
  appProcessors: readonly AppSpanProcessor[],
): Started {
  const { config } = read;
  const lambda = lambdaMode(env);
  const resource = serviceResource(read, env, lambda !== undefined);
  const { sampler, setResource } = chosenSampler(config, resource, lambda !== undefined);
  const xray = config.exporters.includes('xray') ? xrayPath(config, lambda) : undefined;
  const held =
    xray && holdUntilKnown(xray.processor, resource, () => setResource(resource.attributes));
  const own = [
    ...codeApiProcessors(config),
    config.linkOtherParent && linkOtherParent,
    held,
    lambda && openSpansProcessor,
  ].filter(Boolean);
  // The app's come first: what they set when a span ends is still sent.
  const others = [...appProcessors.filter(isSpanProcessor), ...otherProcessors(config)];
  const processors = [...others, ...own] as SpanProcessor[];
  const provider = registerProvider({
    resource,
    sampler,
    processors,
    propagator: propagatorFromNames(config.propagators, propagatorFactories(config.sampler)),
    limits: {
      attributeCountLimit: config.attributeCountLimit,
      attributeValueLengthLimit: config.attributeValueLengthLimit ?? Number.POSITIVE_INFINITY,
      eventCountLimit: config.eventCountLimit,
      linkCountLimit: config.linkCountLimit,
      attributePerEventCountLimit: config.attributePerEventCountLimit,
      attributePerLinkCountLimit: config.attributePerLinkCountLimit,
    },
  });
  if (config.logTraceIds && config.logConsole) traceConsole(console);
  // Exporters beside ours can only send while the event loop still turns.
  process.once('beforeExit', () => {
    if (processors.length > own.length) provider.forceFlush().catch(() => {});
  });
  const removeExit = xray && held ? sendAtExit(held, xray.exporter) : () => {};
  const stopLambda =
    lambda === undefined || xray === undefined || held === undefined
      ? () => {}
      : startLambda(lambda, {
          flushSync: (deadlineMs) => held.flushSync(deadlineMs),
          sendInProgress: (spans) => xray.exporter.sendInProgress(spans),
        });
  const instrumented = instrument({
    isEnabled: enabledInstrumentations(config),
    configOf: (name) =>
      instrumentationConfig(name, {
        logTraceIds: config.logTraceIds,
        middlewareSpans: config.middlewareSpans,
        onResponse: traceResponseHook() as (span: unknown, response: unknown) => void,
      }),
    startsAsEsm: isEsmEntry(process.argv[1]),
    version: VERSION,
  });
  onTracer(provider, instrumented.onTracer);

  const versions = { own: VERSION, node: process.versions.node };
  infoOnce(startLine(read, versions, String(resource.attributes['service.name'])), 'start line');

  let ended: Promise<void> | undefined;
  return {
    flush: () => provider.forceFlush().catch(() => {}),
    shutdown: () => {
      ended ??= provider
        .shutdown()
        .catch(() => {})
        .then(() => {
          removeExit();
          stopLambda();
          instrumented.stop();
        });
      return ended;
    },
    counters: () => xray?.processor.counters(),
    addSpanProcessor: provider.addSpanProcessor,
  };
}

/** Sends what is finished when the process ends, in all its threads. */
function sendAtExit(held: Flushable, exporter: XRayExporter): () => void {
  const threads = joinThreads(held);
  const remove = flushAtExit(held, { threads, onSent: () => exporter.sayCounters() });
  return () => {
    remove();
    threads.close();
  };
}

/** Tells the name of every tracer that is asked for, before it is made. */
function onTracer(provider: Pick<TracerProvider, 'getTracer'>, tell: (name: string) => void): void {
  const getTracer = provider.getTracer;
  provider.getTracer = function (this: TracerProvider, name, ...rest) {
    tell(name);
    return getTracer.call(this, name, ...rest);
  };
}

/** From finished spans to the daemon's socket. */
interface XRayPath {
  readonly exporter: XRayExporter;
  readonly processor: XRaySpanProcessor;
}

function xrayPath(config: Config, lambda: LambdaMode | undefined): XRayPath {
  const exporter = new XRayExporter({
    daemon: config.daemonAddress.udp,
    translator: translatorOptions(config, process.cwd(), lambda !== undefined),
    nesting: config.nesting,
    bytesPerMs: config.bytesPerMs,
    maxQueueSize: config.maxQueueSize,
    maxExportBatchSize: config.maxExportBatchSize,
    exportTimeoutMs: config.exportTimeoutMs,
    dump: config.dump === undefined ? undefined : dumpTo(config.dump),
  });
  const processor = new XRaySpanProcessor({
    exporter,
    maxQueueSize: config.maxQueueSize,
    scheduleDelayMs: config.scheduleDelayMs,
    inProgressAfterMs: config.inProgressSeconds && config.inProgressSeconds * 1000,
  });
  return { exporter, processor };
}
