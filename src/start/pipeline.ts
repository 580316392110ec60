import type { Span, TracerProvider } from '@opentelemetry/api';
import type { SpanProcessor } from '@opentelemetry/sdk-trace';

import type { Environment, ReadConfig } from '../config.ts';
import { parseDaemonAddress } from '../daemon-address.ts';
import { infoOnce, warnOnce } from '../diagnostics.ts';
import { instrumentationConfig } from '../instrumentation/configs.ts';
import { type Instrumented, instrument } from '../instrumentation/index.ts';
import { joinJobOfThread } from '../instrumentation/jobs/thread-context.ts';
import { handlerSpans } from '../instrumentation/spans/handler-spans.ts';
import { endAnsweredCalls } from '../instrumentation/spans/http-answers.ts';
import { layers } from '../instrumentation/spans/layers.ts';
import { librarySpans } from '../instrumentation/spans/library-spans.ts';
import { type OpenRequests, watchUncaught } from '../instrumentation/spans/uncaught.ts';
import { instrumentationFailures, logFailures } from '../instrumentation/wrap/guard.ts';
import { fulfilledWithin } from '../keep-alive.ts';
import { isStartedAhead, lambdaMode } from '../lambda/mode.ts';
import { onLate } from '../late-settings.ts';
import { traceConsole } from '../logs/console.ts';
import { type Flushable, flushAtExit } from '../process/exit.ts';
import { isWorker, joinThreads } from '../process/threads.ts';
import { propagatorFromNames } from '../propagation/index.ts';
import { linkConflictingParent } from '../propagation/link-conflicting-parent.ts';
import { registerProvider } from '../provider.ts';
import { deferExport } from '../resource/index.ts';
import { type AppSpanProcessor, isSpanProcessor } from '../span-processors.ts';
import { inOrder } from '../start-processor.ts';
import { setThreadFlush } from '../thread-flush.ts';
import type { TranslatableSpan } from '../translator/span.ts';
import { VERSION } from '../version.ts';
import { adaptiveSampling } from './adaptive.ts';
import { codeApiProcessors } from './code-api.ts';
import { entryFormat } from './entry-point.ts';
import { extraProcessors } from './extra-exporters.ts';
import type { Started } from './handle.ts';
import { instrumentationHooks } from './instrumentation-hooks.ts';
import { enabledInstrumentations } from './instrumentations.ts';
import { lambdaTracing } from './lambda.ts';
import { afterStart } from './lazy.ts';
import { type LazyPipeline, lazyPipeline } from './lazy-pipeline.ts';
import { useRegionOf } from './platform-region.ts';
import { propagatorFactories } from './propagators.ts';
import { serviceResource, warnIfUnnamed } from './resource.ts';
import { configuredSampler } from './sampler.ts';
import { startupLine } from './startup-log.ts';
import { xrayPipeline } from './xray-pipeline.ts';

/**
 * Creates all parts as configured, registers them with the API, and watches for modules to
 * instrument. Sampler and exporter are created with the first span or in the first turn of the event
 * loop; a span that ends in the first tick can still be sent at the exit.
 */
export function startPipeline(
  read: ReadConfig,
  env: Environment,
  appProcessors: readonly AppSpanProcessor[],
): Started {
  const { config } = read;
  const lambda = lambdaMode(env);
  const resource = serviceResource(read, env, lambda !== undefined);
  useRegionOf(resource);
  const adaptive = adaptiveSampling(config, lambda !== undefined);
  const { sampler, setResource, countRequest, prepare, shutdown } = configuredSampler(
    config,
    resource,
    lambda !== undefined,
    adaptive?.hooks,
  );
  const xray = config.exporters.includes('xray')
    ? lazyPipeline(
        () => xrayPipeline(config, lambda !== undefined),
        (path, span) =>
          afterStart(() => {
            const { warmUp } = path.get();
            // Only the response of a Lambda invocation waits until its spans are sent.
            if (lambda !== undefined) {
              warmUp(span as Span & TranslatableSpan, resource, lambdaTracing());
            }
          }),
      )
    : undefined;
  onLate('daemonAddress', (text) => {
    const changed = { ...config, daemonAddress: parseDaemonAddress(text) };
    xray?.replace(() => xrayPipeline(changed, lambda !== undefined));
  });
  // Worker threads do not repeat the warning.
  if (xray !== undefined && lambda === undefined && !isWorker()) warnIfUnnamed(resource.attributes);
  const onResolved = (): void => setResource(resource.attributes);
  // Pools block idle workers, which would receive no response from a metadata service.
  const deferred =
    xray && deferExport(xray.processor, resource, onResolved, isWorker() ? 1 : undefined);
  const own = [
    inOrder([
      ...codeApiProcessors(config),
      handlerSpans(),
      layers(),
      librarySpans(),
      ...(config.linkOtherParent ? [linkConflictingParent] : []),
    ]),
    deferred,
    lambda && lambdaTracing().openSpansProcessor,
  ].filter(Boolean);
  // Processors of the app run first, so that attributes they set at the end of a span are sent.
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
  adaptive?.connect({
    addProcessor: provider.addSpanProcessor,
    count: countRequest,
    keep: deferred?.exportUnsampled,
  });
  if (config.logTraceIds && config.logConsole) traceConsole(console);
  // Exporters other than ours can only send while the event loop runs.
  const flushAll = (): Promise<unknown> => flushProcessors(processors);
  const flushForeign = (): void => {
    if (processors.length > own.length) flushAll().catch(() => {});
  };
  let removeExit = (): void => {};
  if (xray && deferred) removeExit = sendAtExit(deferred, xray, flushForeign);
  else process.once('beforeExit', flushForeign);
  const stopLambda =
    lambda === undefined || xray === undefined || deferred === undefined
      ? () => {}
      : lambdaTracing().startLambda(lambda, {
          flushSync: (deadlineMs) => deferred.flushSync(deadlineMs),
          sendInProgress: (spans) => xray.get().exporter.sendInProgress(spans),
        });
  const hooks = instrumentationHooks(config);
  const format = entryFormat(process.argv[1]);
  const instrumented = instrument({
    isEnabled: enabledInstrumentations(config),
    configOf: (name) => instrumentationConfig(name, hooks),
    startsAsEsm: format === 'module',
    isEntryKnown: format !== undefined,
    answersXRaySdk: config.sdkFacade,
    middlewareSpans: config.middlewareSpans,
    connectSpans: config.connectSpans,
    version: VERSION,
  });
  observeTracers(provider, instrumented);
  if (isWorker()) joinJobOfThread();

  const prepareAll = (): void => {
    prepare();
    xray?.get();
  };
  let cancelPrepare = (): void => {};
  if (lambda === undefined) cancelPrepare = afterStart(prepareAll);
  // With provisioned concurrency or SnapStart, no request waits for this.
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
    flush: () => waitFor('flush', flushAll()),
    shutdown: () => {
      stopped ??= stop();
      return stopped;
    },
    counters: () => xray?.get().processor.counters(),
    instrumentationFailures: () => Object.fromEntries(instrumentationFailures()),
    addSpanProcessor: provider.addSpanProcessor,
  };
}

/**
 * Flushes every processor. `forceFlush` of the provider is not used: its timer of 30 s keeps the process
 * alive if a processor of the application never answers.
 */
function flushProcessors(processors: readonly SpanProcessor[]): Promise<unknown> {
  return Promise.all(processors.map(async (processor) => processor.forceFlush()));
}

/** Sends spans at the exit of the process, in all its threads. */
function sendAtExit(held: Flushable, path: LazyPipeline, onEmpty: () => void): () => void {
  const uncaught = watchUncaught(openRequests(path));
  const onEnding = (): void => {
    endAnsweredCalls();
    uncaught.endLeft();
    path.used?.processor.sendOpen();
  };
  const ending = (flush: Flushable['flushSync']) => (deadlineMs?: number) => {
    onEnding();
    flush(deadlineMs);
  };
  // The main thread asks a worker only before the process ends.
  const threads = joinThreads({
    forceFlush: held.forceFlush?.bind(held),
    flushSync: ending((deadlineMs) => held.flushSync(deadlineMs)),
    finalFlush: ending((deadlineMs) => (held.finalFlush ?? held.flushSync).call(held, deadlineMs)),
  } as Flushable);
  if (isWorker() || process.connected) setThreadFlush(() => held.flushSync());
  const remove = flushAtExit(held, {
    threads,
    onEnding,
    onEmpty,
    onSent() {
      path.value?.exporter.logCounters();
      logFailures();
    },
  });
  return () => {
    remove();
    uncaught.stop();
    threads.close();
  };
}

function openRequests(path: LazyPipeline): OpenRequests {
  return {
    openSpansOf: (span) => path.used?.processor.openSpansOf(span) ?? [],
    sendInProgress: (spans) =>
      path.used?.exporter.sendInProgress(spans as unknown as TranslatableSpan[]),
  };
}

/** Tells the instrumentations of every requested tracer, and hands out the one that they return. */
function observeTracers(
  provider: Pick<TracerProvider, 'getTracer'>,
  { onTracer, refineTracer }: Instrumented,
): void {
  const getTracer = provider.getTracer;
  provider.getTracer = function (this: TracerProvider, name, ...rest) {
    onTracer(name);
    return refineTracer(name, getTracer.call(this, name, ...rest));
  };
}
