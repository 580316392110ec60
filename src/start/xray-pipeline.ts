import type { Resource } from '@opentelemetry/resources';
import type { Config } from '../config.ts';
import type { ExporterCounters } from '../exporter/counters.ts';
import { XRayExporter, type XRayExporterOptions } from '../exporter/index.ts';
import { type EndedSpan, XRaySpanProcessor } from '../exporter/processor.ts';
import { loadSpans } from '../load-spans.ts';
import { isWorker } from '../process/threads.ts';
import { loadClock } from '../real-time.ts';
import type { FlushableProcessor } from '../resource/defer-export.ts';
import type { MakeClient } from '../sampler/client.ts';
import type { TranslatableSpan } from '../translator/span.ts';
import { workingDirectory } from '../working-directory.ts';
import { apiOptions, samplingClient } from './api-options.ts';
import { onDocument } from './on-document.ts';
import { type InvocationParts, sampleInvocation } from './sample-invocation.ts';
import { translatorOptions } from './translator-options.ts';
import { warmUp } from './warm-up.ts';

/** The path of finished spans to the daemon's socket. */
export interface XRayPipeline {
  readonly exporter: Pick<XRayExporter, 'sendInProgress' | 'logCounters'>;
  readonly processor: Required<FlushableProcessor<EndedSpan>> & {
    counters(): ExporterCounters | undefined;
  } & Pick<XRaySpanProcessor, 'sendOpen' | 'openSpansOf'>;
  /** Compiles the export code before a response waits for the first real trace. */
  warmUp(span: TranslatableSpan, resource: Resource, lambda: InvocationParts): void;
}

/** Creates the pipeline. Its socket is open on return, unless the host name has to be resolved. */
export function xrayPipeline(config: Config, inLambda: boolean): XRayPipeline {
  // A function loads them when it needs them, for example to record an error.
  if (!inLambda) {
    loadClock();
    loadSpans();
  }
  const options: XRayExporterOptions = {
    daemon: config.daemonAddress.udp,
    translator: translatorOptions(config, workingDirectory(), inLambda),
    nesting: config.nesting,
    api: inLambda ? undefined : apiOptions(config.transport),
    bytesPerMs: config.bytesPerMs,
    holdBytes: config.holdBytes,
    maxQueueSize: config.maxQueueSize,
    maxExportBatchSize: config.maxExportBatchSize,
    exportTimeoutMs: config.exportTimeoutMs,
    flushOnTaskEnd: isWorker(),
    dump: onDocument(config),
  };
  const exporter = new XRayExporter(options);
  const processor = new XRaySpanProcessor({
    exporter,
    maxQueueSize: config.maxQueueSize,
    scheduleDelayMs: config.scheduleDelayMs,
    inProgressAfterMs: config.inProgressSeconds && config.inProgressSeconds * 1000,
  });
  const overUdp = { ...options, api: undefined };
  return {
    exporter,
    processor,
    warmUp(span, resource, lambda) {
      // Opens the files that tell how full the daemon's receive queue is.
      exporter.flushSync(0);
      warmUp(overUdp, sampleInvocation(span, resource, lambda), loadClock);
    },
  };
}

/** Returns a function that wraps the sampler's daemon client for the configured transport; the API client is shared. */
export function apiSampling(transport: Config['transport']): MakeClient | undefined {
  return samplingClient(transport);
}
