import type { Span, TracerProvider } from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import type { SpanLimits, SpanProcessor } from '@opentelemetry/sdk-trace';
import type { Config, Environment, ReadConfig } from '../config.ts';
import { parseDaemonAddress } from '../daemon-address.ts';
import { infoOnce, warnOnce } from '../diagnostics.ts';
import type { EndedSpan } from '../exporter/processor.ts';
import { entryFormat } from '../file-format.ts';
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
import { isStartedAhead, type LambdaMode, lambdaMode } from '../lambda/mode.ts';
import { onLate } from '../late-settings.ts';
import { traceConsole } from '../logs/console.ts';
import { type Flushable, flushAtExit } from '../process/exit.ts';
import { isWorker, joinThreads } from '../process/threads.ts';
import { propagatorFromNames } from '../propagation/index.ts';
import { linkConflictingParent } from '../propagation/link-conflicting-parent.ts';
import { registerProvider } from '../provider.ts';
import type { FlushableProcessor } from '../resource/defer-export.ts';
import { deferExport } from '../resource/index.ts';
import { type AppSpanProcessor, isSpanProcessor } from '../span-processors.ts';
import { inOrder } from '../start-processor.ts';
import { setThreadFlush } from '../thread-flush.ts';
import type { TranslatableSpan } from '../translator/span.ts';
import { VERSION } from '../version.ts';
import { adaptiveSampling } from './adaptive.ts';
import { codeApiProcessors } from './code-api.ts';
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
  const invoked = lambdaMode(env);
  // In an emulator, invocations are traced as the requests of any other service.
  const lambda = invoked?.isEmulated === true ? undefined : invoked;
  const resource = serviceResource(read, env, invoked !== undefined);
  useRegionOf(resource);
  const adaptive = adaptiveSampling(config, lambda !== undefined);
  const sampling = configuredSampler(config, resource, lambda !== undefined, adaptive?.hooks);
  const xray = exportPipeline(config, lambda, resource);
  const onResolved = (): void => sampling.setResource(resource.attributes);
  // Pools block idle workers, which would receive no response from a metadata service.
  const deferred =
    xray && deferExport(xray.processor, resource, onResolved, isWorker() ? 1 : undefined);
  const own = ownProcessors(config, deferred, invoked);
  // Processors of the app run first, so that attributes they set at the end of a span are sent.
  const foreign = [...appProcessors.filter(isSpanProcessor), ...extraProcessors(config)];
  const processors = [...foreign, ...own] as SpanProcessor[];
  const provider = registerProvider({
    resource,
    sampler: sampling.sampler,
    processors,
    propagator: propagatorFromNames(config.propagators, propagatorFactories(config.sampler)),
    limits: spanLimits(config),
  });
  adaptive?.connect({
    addProcessor: provider.addSpanProcessor,
    count: sampling.countRequest,
    keep: deferred?.exportUnsampled,
  });
  if (config.logTraceIds && config.logConsole) traceConsole(console);
  const flushAll = (): Promise<unknown> => flushProcessors(processors);
  const stopSending = sendWhenEnding(xray, deferred, () => {
    if (processors.length > own.length) flushAll().catch(() => {});
  });
  const stopLambda = startInvocations(invoked, xray, deferred);
  const instrumented = startInstrumentations(config, provider);
  if (isWorker()) joinJobOfThread();
  const cancelPrepare = prepareEarly(lambda, env, () => {
    sampling.prepare();
    xray?.get();
  });
  const versions = { own: VERSION, node: process.versions.node };
  infoOnce(startupLine(read, versions, String(resource.attributes['service.name'])), 'start line');

  const waitFor = waitingAtMost(config.exportTimeoutMs);
  let stopped: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    cancelPrepare();
    await waitFor('shutdown', Promise.all([provider.shutdown(), sampling.shutdown()]));
    stopSending();
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

/** @returns `undefined` without the exporter `xray` */
function exportPipeline(
  config: Config,
  lambda: LambdaMode | undefined,
  resource: Resource,
): LazyPipeline | undefined {
  if (!config.exporters.includes('xray')) return undefined;
  const isLambda = lambda !== undefined;
  const pipeline = lazyPipeline(
    () => xrayPipeline(config, isLambda),
    (path, span) =>
      afterStart(() => {
        const { warmUp } = path.get();
        // Only the response of a Lambda invocation waits until its spans are sent.
        if (isLambda) warmUp(span as Span & TranslatableSpan, resource, lambdaTracing());
      }),
  );
  onLate('daemonAddress', (text) => {
    const changed = { ...config, daemonAddress: parseDaemonAddress(text) };
    pipeline.replace(() => xrayPipeline(changed, isLambda));
  });
  // Worker threads do not repeat the warning.
  if (!isLambda && !isWorker()) warnIfUnnamed(resource.attributes);
  return pipeline;
}

type Deferred = FlushableProcessor<EndedSpan>;

function ownProcessors(
  config: Config,
  deferred: Deferred | undefined,
  lambda: LambdaMode | undefined,
): readonly unknown[] {
  return [
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
}

function spanLimits(config: Config): SpanLimits {
  return {
    attributeCountLimit: config.attributeCountLimit,
    attributeValueLengthLimit: config.attributeValueLengthLimit ?? Number.POSITIVE_INFINITY,
    eventCountLimit: config.eventCountLimit,
    linkCountLimit: config.linkCountLimit,
    attributePerEventCountLimit: config.attributePerEventCountLimit,
    attributePerLinkCountLimit: config.attributePerLinkCountLimit,
  };
}

/**
 * Sends spans when the process ends.
 *
 * @param flushForeign flushes exporters other than ours, which can only send while the event loop runs
 * @returns a function that undoes it
 */
function sendWhenEnding(
  xray: LazyPipeline | undefined,
  deferred: Deferred | undefined,
  flushForeign: () => void,
): () => void {
  if (xray && deferred) return sendAtExit(deferred, xray, flushForeign);
  process.once('beforeExit', flushForeign);
  return () => {};
}

/** @returns a function that stops the tracing of Lambda invocations */
function startInvocations(
  lambda: LambdaMode | undefined,
  xray: LazyPipeline | undefined,
  deferred: Deferred | undefined,
): () => void {
  if (lambda === undefined || xray === undefined || deferred === undefined) return () => {};
  return lambdaTracing().startLambda(lambda, {
    flushSync: (deadlineMs) => deferred.flushSync(deadlineMs),
    sendInProgress: (spans) => xray.get().exporter.sendInProgress(spans),
  });
}

function startInstrumentations(
  config: Config,
  provider: Pick<TracerProvider, 'getTracer'>,
): Instrumented {
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
  return instrumented;
}

/**
 * Creates what the first span needs before it starts.
 *
 * @returns a function that cancels this
 */
function prepareEarly(
  lambda: LambdaMode | undefined,
  env: Environment,
  prepare: () => void,
): () => void {
  if (lambda === undefined) return afterStart(prepare);
  // With provisioned concurrency or SnapStart, no request waits for this.
  if (isStartedAhead(env)) prepare();
  return () => {};
}

/** Returns a function that waits for work, and logs a warning if it fails or takes too long. */
function waitingAtMost(timeoutMs: number) {
  return async (what: string, work: Promise<unknown>): Promise<void> => {
    if (await fulfilledWithin(work, timeoutMs)) return;
    warnOnce(`${what}() failed or took longer than ${timeoutMs} ms; spans may be lost`);
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
