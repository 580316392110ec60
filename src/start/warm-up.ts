import type { Socket } from 'node:dgram';
import { diag } from '@opentelemetry/api';
import { XRayExporter, type XRayExporterOptions } from '../exporter/index.ts';
import { XRaySpanProcessor } from '../exporter/processor.ts';
import { literalLookup } from '../exporter/transport/udp-client.ts';

/** Runs one sample invocation. */
export type RunSample = () => Promise<unknown>;

/** Number of invocations, each in its own turn of the event loop; the first takes 5 ms, the last 0.1 ms. */
const ROUNDS = 40;

/**
 * Runs sample invocations whose traces go to a local socket that ignores them, so that V8 has compiled
 * the code that ends an invocation before the first response waits for it. Never throws.
 *
 * @param options the options of the real exporter
 * @param sampleTo returns a function whose spans go to the processor
 * @param onEnd called after the last trace
 */
export function warmUp(
  options: XRayExporterOptions,
  sampleTo: (processor: XRaySpanProcessor) => RunSample,
  onEnd: () => void,
): void {
  runSamples(options, sampleTo).then(onEnd).catch(logFailure);
}

async function runSamples(
  options: XRayExporterOptions,
  sampleTo: (processor: XRaySpanProcessor) => RunSample,
): Promise<void> {
  const processor = localProcessor(options);
  try {
    const run = sampleTo(processor);
    for (let left = ROUNDS; left > 0; left -= 1) {
      await run();
      await nextTurn();
    }
  } finally {
    await processor.shutdown();
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resume) => setImmediate(resume));
}

function logFailure(error: unknown): void {
  diag.debug('otel-xray: warm-up failed:', error);
}

/** Returns a processor whose socket sends to itself. */
function localProcessor(options: XRayExporterOptions): XRaySpanProcessor {
  const socket = openLoopbackSocket();
  const exporter = new XRayExporter({
    ...options,
    daemon: { host: '127.0.0.1', port: socket.address().port },
    dump: undefined,
    deps: { createSocket: () => socket, openProc: notOpened },
  });
  return new XRaySpanProcessor({ exporter });
}

/** The queue of the own socket need not be known. */
function notOpened(): never {
  throw new Error('not opened');
}

/** Returns a bound socket: its lookup is synchronous. */
function openLoopbackSocket(): Socket {
  const socket = process.getBuiltinModule('node:dgram').createSocket({
    type: 'udp4',
    lookup: literalLookup(4),
  });
  socket.on('error', logFailure);
  return socket.unref().bind(0, '127.0.0.1');
}
