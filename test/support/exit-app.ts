/** A program that creates 50 spans and ends as its argument says; see exit.test.ts. */
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import { XRayExporter } from '../../src/exporter/index.ts';
import { XRaySpanProcessor } from '../../src/exporter/processor.ts';
import { flushAtExit } from '../../src/process/exit.ts';
import { joinThreads } from '../../src/process/threads.ts';
import { plainDocuments } from './documents.ts';

const [, , port = '', way = ''] = process.argv;

/** Creates 50 spans; the processor would wait a minute for their root. */
function makeSpans(): void {
  const exporter = new XRayExporter({
    daemon: { host: '127.0.0.1', port: Number(port) },
    translate: plainDocuments,
  });
  const processor = new XRaySpanProcessor({ exporter, scheduleDelayMs: 60_000 });
  const { ask, wait } = joinThreads(processor);
  // The limit applies to a busy worker only; others take longer than it on a slow machine.
  const waitForAnswer = way.startsWith('beside a busy') ? wait : () => wait(100_000);
  flushAtExit(processor, { threads: { ask, wait: waitForAnswer } });
  const tracer = new BasicTracerProvider({ spanProcessors: [processor] }).getTracer('test');
  for (let index = 0; index < 49; index += 1) tracer.startSpan(`span ${index}`).end();
  const late = tracer.startSpan('ended in an exit listener');
  process.on('exit', () => late.end());
}

/** Keeps the program alive until a signal, which the test sends when it reads the line. */
function waitForSignal(): void {
  setInterval(() => {}, 1_000);
  process.stdout.write('ready\n');
}

const WAYS: Readonly<Record<string, () => void>> = {
  'natural end': () => {},
  'process.exit()': () => process.exit(7),
  'process.exit() in the tick of the first span': () => process.exit(0),
  'uncaught error': () => {
    setImmediate(() => {
      throw new Error('uncaught on purpose');
    });
  },
  'unhandled rejection': () => {
    Promise.reject(new Error('unhandled on purpose'));
  },
  signal: waitForSignal,
  'signal with a listener that exits': () => {
    process.on('SIGTERM', () => setImmediate(() => process.exit(5)));
    waitForSignal();
  },
  'signal with a listener that goes on': () => {
    process.once('SIGTERM', () => process.stdout.write('once more\n'));
    waitForSignal();
  },
  'signal with a listener that shuts down, then sends it again': () => {
    const server = setInterval(() => {}, 1_000);
    process.once('SIGTERM', (signal) => {
      clearInterval(server);
      setTimeout(() => process.kill(process.pid, signal), 5);
    });
    process.stdout.write('ready\n');
  },
  'signal with a listener that shuts down, then sends its number': () => {
    const server = setInterval(() => {}, 1_000);
    process.once('SIGTERM', (_signal: NodeJS.Signals, number: number) => {
      clearInterval(server);
      setTimeout(() => process.kill(process.pid, number), 5);
    });
    process.stdout.write('ready\n');
  },
  'signal with signal-exit': () => {
    // Like the npm package signal-exit: ends the process if it is the only listener.
    const emitter = { count: 1 };
    (globalThis as Record<symbol, unknown>)[Symbol.for('signal-exit emitter')] = emitter;
    const listener = () => {
      if (process.listeners('SIGTERM').length !== emitter.count) return;
      process.removeListener('SIGTERM', listener);
      process.kill(process.pid, 'SIGTERM');
    };
    process.on('SIGTERM', listener);
    waitForSignal();
  },
};

/** Actions of the main thread while a worker has queued spans. */
const BESIDE_WORKER: Readonly<Record<string, () => void>> = {
  'process.exit()': () => process.exit(7),
  'uncaught error': () => {
    throw new Error('uncaught on purpose');
  },
  signal: waitForSignal,
  'signal with a listener that exits': () => {
    process.on('SIGTERM', () => process.exit(5));
    waitForSignal();
  },
  'signal with a listener that goes on': () => {
    process.on('SIGTERM', () => {});
    waitForSignal();
  },
};

/** Ways to keep a worker busy after it has reported its spans. */
const busy = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);

const [, besideWorker] = /^beside a (?:busy )?worker: (.*)/.exec(way) ?? [];
if (besideWorker !== undefined) {
  makeSpans();
  if (isMainThread) {
    const worker = new Worker(import.meta.filename, { argv: [port, way] });
    worker.once('message', () => BESIDE_WORKER[besideWorker]?.());
  } else {
    parentPort?.on('message', () => {});
    parentPort?.postMessage('made');
    if (way.startsWith('beside a busy')) busy();
  }
} else if (way.startsWith('worker: ') && isMainThread) {
  new Worker(import.meta.filename, { argv: [port, way] });
} else {
  makeSpans();
  WAYS[way.replace('worker: ', '')]?.();
}
