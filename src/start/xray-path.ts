import type { Socket } from 'node:dgram';
import type { Config } from '../config.ts';
import type { ExporterCounters } from '../exporter/counters.ts';
import { asInProgress } from '../exporter/in-progress.ts';
import { XRayExporter, type XRayExporterOptions } from '../exporter/index.ts';
import { type EndedSpan, XRaySpanProcessor } from '../exporter/processor.ts';
import type { FlushableProcessor } from '../resource/hold.ts';
import type { TranslatableSpan } from '../translator/span.ts';
import { onDocument } from './on-document.ts';
import { isWorker } from './threads.ts';
import { translatorOptions } from './translator-options.ts';

/** From finished spans to the daemon's socket. */
export interface XRayPath {
  readonly exporter: Pick<XRayExporter, 'sendInProgress' | 'sayCounters'>;
  readonly processor: Required<FlushableProcessor<EndedSpan>> & {
    counters(): ExporterCounters | undefined;
  };
  /**
   * Sends a span that still runs to nobody: the code on its way is then compiled, which takes 5 ms,
   * before somebody waits for the first real one.
   */
  rehearse(span: TranslatableSpan): void;
}

/** Makes the path; its socket is open when this returns, unless the daemon's name has to be looked up. */
export function xrayPath(config: Config, inLambda: boolean): XRayPath {
  const options: XRayExporterOptions = {
    daemon: config.daemonAddress.udp,
    translator: translatorOptions(config, process.cwd(), inLambda),
    nesting: config.nesting,
    bytesPerMs: config.bytesPerMs,
    maxQueueSize: config.maxQueueSize,
    maxExportBatchSize: config.maxExportBatchSize,
    exportTimeoutMs: config.exportTimeoutMs,
    eager: isWorker(),
    dump: onDocument(config),
  };
  const exporter = new XRayExporter(options);
  const processor = new XRaySpanProcessor({
    exporter,
    maxQueueSize: config.maxQueueSize,
    scheduleDelayMs: config.scheduleDelayMs,
    inProgressAfterMs: config.inProgressSeconds && config.inProgressSeconds * 1000,
  });
  const rehearse = (span: TranslatableSpan): void => {
    const environment = { createSocket: () => NOBODY };
    const daemon = { host: '127.0.0.1', port: 9 };
    const rehearsing = new XRayExporter({ ...options, daemon, dump: undefined, environment });
    rehearsing.enqueue([asInProgress(span)]);
    rehearsing.flushSync(0);
  };
  return { exporter, processor, rehearse };
}

/** As much of a connected socket as the exporter uses. */
const NOBODY = {
  on() {},
  unref() {},
  connect() {},
  remoteAddress() {},
  getSendQueueCount: () => 0,
  send() {},
  close() {},
} as unknown as Socket;
