import type { Span, TracerProvider } from '@opentelemetry/api';
import type { SpanProcessor } from '@opentelemetry/sdk-trace';

import type { Environment, ReadConfig } from '../config.ts';
import { infoOnce } from '../diagnostics.ts';
import type { ExporterCounters } from '../exporter/counters.ts';
import { flushAtExit } from '../exporter/exit.ts';
import { instrumentationConfig } from '../instrumentation/configs.ts';
import { instrument } from '../instrumentation/index.ts';
import { isStartedAhead, lambdaMode } from '../lambda/mode.ts';
import { traceConsole } from '../logs/console.ts';
import { propagatorFromNames, traceResponseHook } from '../propagation/index.ts';
import { linkOtherParent } from '../propagation/other-parent.ts';
import { registerProvider } from '../provider.ts';
import { holdUntilKnown } from '../resource/index.ts';
import type { TranslatableSpan } from '../translator/span.ts';
import { VERSION } from '../version.ts';
import { codeApiProcessors } from './code-api.ts';
import { isEsmEntry } from './entry-point.ts';
import { enabledInstrumentations } from './instrumentations.ts';
import { lambdaTracing } from './lambda.ts';
import { afterStart } from './late.ts';
import { latePath } from './late-path.ts';
import { propagatorFactories } from './propagators.ts';
import { serviceResource } from './resource.ts';
import { chosenSampler } from './sampler.ts';
import { otherProcessors } from './side-exporters.ts';
import { startLine } from './start-line.ts';
import { xrayPath } from './xray-path.ts';

export interface Pipeline {
  /** Sends what is finished; resolves when it left or the time is up. Never rejects. */
  flush(): Promise<void>;
  /** Sends what is finished and stops. Never rejects. */
  shutdown(): Promise<void>;
  /** What was sent and lost so far; `undefined` when the exporter is not `xray`. */
  counters(): ExporterCounters | undefined;
}

/**
 * Puts the parts together as the configuration says, registers them with the API, and watches for
 * modules to instrument. Sampler and exporter follow with the first span, or in the first turn of
 * the event loop; a span that ends in the first tick of the app can still be sent in its last.
 */
export function startPipeline(read: ReadConfig, env: Environment): Pipeline {
  const { config } = read;
  const lambda = lambdaMode(env);
  const resource = serviceResource(read, env, lambda !== undefined);
  const { sampler, setResource, makeReady } = chosenSampler(config, resource, lambda !== undefined);
  const xray = config.exporters.includes('xray')
    ? latePath(
        () => xrayPath(config, lambda !== undefined),
        (path, span) =>
          afterStart(() => {
            const { rehearse } = path.get();
            // The answer of an invocation waits for its spans to leave; elsewhere nobody does.
            if (lambda !== undefined) rehearse(span as Span & TranslatableSpan);
          }),
      )
    : undefined;
  const held =
    xray && holdUntilKnown(xray.processor, resource, () => setResource(resource.attributes));
  const processors = [
    ...codeApiProcessors(config),
    config.linkOtherParent && linkOtherParent,
    held,
    lambda && lambdaTracing().openSpansProcessor,
    ...otherProcessors(config),
  ];
  const provider = registerProvider({
    resource,
    sampler,
    processors: processors.filter(Boolean) as SpanProcessor[],
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
  if (config.exporters.includes('otlp')) {
    process.once('beforeExit', () => void provider.forceFlush().catch(() => {}));
  }
  const removeExit = held === undefined ? () => {} : flushAtExit(held);
  const stopLambda =
    lambda === undefined || xray === undefined || held === undefined
      ? () => {}
      : lambdaTracing().startLambda(lambda, {
          flushSync: (deadlineMs) => held.flushSync(deadlineMs),
          sendInProgress: (spans) => xray.get().exporter.sendInProgress(spans),
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

  const makeAllReady = (): void => {
    makeReady();
    xray?.get();
  };
  if (lambda === undefined) afterStart(makeAllReady);
  // A request waits for a function that is started for it, and nobody for one that is started ahead.
  else if (isStartedAhead(env)) makeAllReady();

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
    counters: () => xray?.get().processor.counters(),
  };
}

/** Tells the name of every tracer that is asked for, before it is made. */
function onTracer(provider: TracerProvider, tell: (name: string) => void): void {
  const getTracer = provider.getTracer;
  provider.getTracer = function (this: TracerProvider, name, ...rest) {
    tell(name);
    return getTracer.call(this, name, ...rest);
  };
}
