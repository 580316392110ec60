import type { Config } from '../config.ts';
import type { ExporterCounters } from '../exporter/counters.ts';
import { XRayExporter } from '../exporter/index.ts';
import { type EndedSpan, XRaySpanProcessor } from '../exporter/processor.ts';
import type { FlushableProcessor } from '../resource/hold.ts';
import { onDocument } from './on-document.ts';
import { translatorOptions } from './translator-options.ts';

/** From finished spans to the daemon's socket. */
export interface XRayPath {
  readonly exporter: Pick<XRayExporter, 'sendInProgress' | 'sayCounters'>;
  readonly processor: Required<FlushableProcessor<EndedSpan>> & {
    counters(): ExporterCounters | undefined;
  };
}

/** Makes the path; its socket is open when this returns, unless the daemon's name has to be looked up. */
export function xrayPath(config: Config, inLambda: boolean): XRayPath {
  const exporter = new XRayExporter({
    daemon: config.daemonAddress.udp,
    translator: translatorOptions(config, process.cwd(), inLambda),
    nesting: config.nesting,
    bytesPerMs: config.bytesPerMs,
    maxQueueSize: config.maxQueueSize,
    maxExportBatchSize: config.maxExportBatchSize,
    exportTimeoutMs: config.exportTimeoutMs,
    dump: onDocument(config),
  });
  const processor = new XRaySpanProcessor({
    exporter,
    maxQueueSize: config.maxQueueSize,
    scheduleDelayMs: config.scheduleDelayMs,
    inProgressAfterMs: config.inProgressSeconds && config.inProgressSeconds * 1000,
  });
  return { exporter, processor };
}
