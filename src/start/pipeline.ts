import type { Span, TracerProvider } from '@opentelemetry/api';
import type { SpanProcessor } from '@opentelemetry/sdk-trace';

import type { Environment, ReadConfig } from '../config.ts';
import { parseDaemonAddress } from '../daemon-address.ts';
import { infoOnce, warnOnce } from '../diagnostics.ts';
import { instrumentationConfig } from '../instrumentation/configs.ts';
import { handlerSpans } from '../instrumentation/handler-spans.ts';
import { endAnsweredCalls } from '../instrumentation/http-answers.ts';
import { instrument } from '../instrumentation/index.ts';
import { fulfilledWithin } from '../keep-alive.ts';
import { isStartedAhead, lambdaMode } from '../lambda/mode.ts';
import { onLate } from '../late-settings.ts';
import { traceConsole } from '../logs/console.ts';
import { type Flushable, flushAtExit } from '../process/exit.ts';
import { isWorker, joinThreads } from '../process/threads.ts';
import { propagatorFromNames } from '../propagation/index.ts';
import { linkConflictingParent } from '../propagation/link-conflicting-parent.ts';
import { registerProvider, tracerTo } from '../provider.ts';
import { deferExport } from '../resource/index.ts';
import { type AppSpanProcessor, isSpanProcessor } from '../span-processors.ts';
import type { TranslatableSpan } from '../translator/span.ts';
import { VERSION } from '../version.ts';
import { codeApiProcessors } from './code-api.ts';
import { isEsmEntry } from './entry-point.ts';
import { extraProcessors } from './extra-exporters.ts';
import type { Started } from './handle.ts';
import { instrumentationHooks } from './instrumentation-hooks.ts';
import { enabledInstrumentations } from './instrumentations.ts';
import { lambdaTracing } from './lambda.ts';
import { afterStart, type Lazy } from './lazy.ts';
import { lazyPipeline } from './lazy-pipeline.ts';
import { propagatorFactories } from './propagators.ts';
import { serviceResource, warnIfUnnamed } from './resource.ts';
import { configuredSampler } from './sampler.ts';
import { startupLine } from './startup-log.ts';
import { type XRayPipeline, xrayPipeline } from './xray-pipeline.ts';

/**
 * Puts the parts together as the configuration says, registers them with the API, and watches for
 * modules to instrument. Sampler and exporter follow with the first span, or in the first turn of
 * the event loop; a span that ends in the first tick of the app can still be sent in its last.
 */
export function startPipeline(
  read: ReadConfig,
  env: Environment,
  appProcessors: readonly AppSpanProcessor[],
): Started {
  const { config } = read;
  const lambda = lambdaMode(env);
  const resource = serviceResource(read, env, lambda !== undefined);
  const { sampler, setResource, prepare, shutdown } = configuredSampler(
    config,
    resource,
    lambda !== undefined,
  );
  const xray = config.exporters.includes('xray')
    ? lazyPipeline(
        () => xrayPipeline(config, lambda !== undefined),
        (path, span) =>
          afterStart(() => {
            const { warmUp } = path.get();
            // The answer of an invocation waits for its spans to leave; elsewhere nobody does.
            if (lambda !== undefined) {
              warmUp(span as Span & TranslatableSpan, (to) => tracerTo(to, resource));
            }
          }),
      )
    : undefined;
  onLate('daemonAddress', (text) => {
    const changed = { ...config, daemonAddress: parseDaemonAddress(text) };
    xray?.replace(() => xrayPipeline(changed, lambda !== undefined));
  });
  // Not once more in each worker thread.
  if (xray !== undefined && lambda === undefined && !isWorker()) warnIfUnnamed(resource.attributes);
  const onResolved = (): void => setResource(resource.attributes);
  // A worker of a pool is often blocked after its task, so that no answer would reach it.
  const deferred =
    xray && deferExport(xray.processor, resource, onResolved, isWorker() ? 1 : undefined);
  const own = [
    ...codeApiProcessors(config),
    handlerSpans(),
    config.linkOtherParent && linkConflictingParent,
    deferred,
    lambda && lambdaTracing().openSpansProcessor,
  ].filter(Boolean);
  // The app's come first: what they set when a span ends is still sent.
  const foreign = [...appProcessors.filter(isSpanProcessor), ...extraProcessors(config)];
  const processors = [...foreign, ...own] as SpanProcessor[];
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
  const removeExit = xray && deferred ? sendAtExit(deferred, xray) : () => {};
  const stopLambda =
    lambda === undefined || xray === undefined || deferred === undefined
      ? () => {}
      : lambdaTracing().startLambda(lambda, {
          flushSync: (deadlineMs) => deferred.flushSync(deadlineMs),
          sendInProgress: (spans) => xray.get().exporter.sendInProgress(spans),
        });
  const hooks = instrumentationHooks(config);
  const instrumented = instrument({
    isEnabled: enabledInstrumentations(config),
    configOf: (name) => instrumentationConfig(name, hooks),
    startsAsEsm: isEsmEntry(process.argv[1]),
    answersXRaySdk: config.sdkFacade,
    middlewareSpans: config.middlewareSpans,
    version: VERSION,
  });
  observeTracers(provider, instrumented.onTracer);

  const prepareAll = (): void => {
    prepare();
    xray?.get();
  };
  let cancelPrepare = (): void => {};
  if (lambda === undefined) cancelPrepare = afterStart(prepareAll);
  // A request waits for a function that is started for it, and nobody for one that is started ahead.
  else if (isStartedAhead(env)) prepareAll();

  const versions = { own: VERSION, node: process.versions.node };
  infoOnce(startupLine(read, versions, String(resource.attributes['service.name'])), 'start line');

  const waitFor = async (what: string, work: Promise<unknown>): Promise<void> => {
    const timeoutMs = config.exportTimeoutMs;
    if (await fulfilledWithin(work, timeoutMs)) return;
    warnOnce(`${what}() failed or took longer than ${timeoutMs} ms; spans may be lost`);
  };
  let stopped: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    cancelPrepare();
    await waitFor('shutdown', Promise.all([provider.shutdown(), shutdown()]));
    removeExit();
    stopLambda();
    instrumented.stop();
  };
  return {
    flush: () => waitFor('flush', provider.forceFlush()),
    shutdown: () => {
      stopped ??= stop();
      return stopped;
    },
    counters: () => xray?.get().processor.counters(),
    addSpanProcessor: provider.addSpanProcessor,
  };
}

/** Sends what is finished when the process ends, in all its threads. */
function sendAtExit(held: Flushable, path: Lazy<XRayPipeline>): () => void {
  const threads = joinThreads(held);
  const remove = flushAtExit(held, {
    threads,
    onEnding: endAnsweredCalls,
    onSent: () => path.value?.exporter.logCounters(),
  });
  return () => {
    remove();
    threads.close();
  };
}

/** Tells the name of every tracer that is asked for, before it is made. */
function observeTracers(
  provider: Pick<TracerProvider, 'getTracer'>,
  tell: (name: string) => void,
): void {
  const getTracer = provider.getTracer;
  provider.getTracer = function (this: TracerProvider, name, ...rest) {
    tell(name);
    return getTracer.call(this, name, ...rest);
  };
}
