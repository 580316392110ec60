import type { Config, Environment, ReadConfig } from '../config.ts';
import { infoOnce } from '../diagnostics.ts';
import type { ExporterCounters } from '../exporter/counters.ts';
import { flushAtExit } from '../exporter/exit.ts';
import { XRayExporter } from '../exporter/index.ts';
import { XRaySpanProcessor } from '../exporter/processor.ts';
import { instrumentationConfig } from '../instrumentation/configs.ts';
import { instrument } from '../instrumentation/index.ts';
import { traceConsole } from '../logs/console.ts';
import { propagatorFromNames, traceResponseHook } from '../propagation/index.ts';
import { registerProvider } from '../provider.ts';
import { toDocuments } from '../translator/index.ts';
import { VERSION } from '../version.ts';
import { dumpTo } from './dump.ts';
import { isEsmEntry } from './entry-point.ts';
import { enabledInstrumentations } from './instrumentations.ts';
import { propagatorFactories } from './propagators.ts';
import { serviceResource } from './resource.ts';
import { chosenSampler } from './sampler.ts';
import { otherProcessors } from './side-exporters.ts';
import { startLine } from './start-line.ts';
import { translatorOptions } from './translator-options.ts';

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
 * modules to instrument. Sockets are open when it returns, so that a span that ends in the first
 * tick of the app can be sent in its last.
 */
export function startPipeline(read: ReadConfig, env: Environment): Pipeline {
  const { config } = read;
  const resource = serviceResource(config, env);
  const sampler = chosenSampler(config, resource);
  const xray = config.exporters.includes('xray') ? xrayProcessor(config) : undefined;
  const provider = registerProvider({
    resource,
    sampler,
    processors: [...(xray === undefined ? [] : [xray]), ...otherProcessors(config)],
    propagator: propagatorFromNames(config.propagators, propagatorFactories()),
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
  const removeExit = xray === undefined ? () => {} : flushAtExit(xray);
  const stopWatching = instrument({
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
          stopWatching();
        });
      return ended;
    },
    counters: () => xray?.counters(),
  };
}

function xrayProcessor(config: Config): XRaySpanProcessor {
  const options = translatorOptions(config, process.cwd());
  const exporter = new XRayExporter({
    daemon: config.daemonAddress.udp,
    translate: (span) => toDocuments(span, options),
    nesting: config.nesting,
    bytesPerMs: config.bytesPerMs,
    maxQueueSize: config.maxQueueSize,
    maxExportBatchSize: config.maxExportBatchSize,
    exportTimeoutMs: config.exportTimeoutMs,
    dump: config.dump === undefined ? undefined : dumpTo(config.dump),
  });
  return new XRaySpanProcessor({
    exporter,
    maxQueueSize: config.maxQueueSize,
    scheduleDelayMs: config.scheduleDelayMs,
  });
}
