import type { Socket } from 'node:dgram';
import {
  type Attributes,
  diag,
  ROOT_CONTEXT,
  type SpanContext,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { XRayExporter, type XRayExporterOptions } from '../exporter/index.ts';
import { XRaySpanProcessor } from '../exporter/processor.ts';
import { literalLookup } from '../exporter/transport/udp-client.ts';
import type { TranslatableSpan } from '../translator/span.ts';

/** Creates a tracer that sends all its spans to the processor. */
export type MakeTracer = (processor: XRaySpanProcessor) => Tracer;

/** Number of traces, each in its own turn of the event loop; the first takes 5 ms, the last 0.1 ms. */
const ROUNDS = 40;

/**
 * Exports traces with the shape of a given span to an unread local socket, so that V8 has compiled
 * the export code before the first real trace is sent. Never throws.
 *
 * @param options the options of the real exporter
 * @param onEnd called after the last trace
 */
export function warmUp(
  options: XRayExporterOptions,
  span: TranslatableSpan,
  makeTracer: MakeTracer,
  onEnd: () => void,
): void {
  withoutThrowing(() => sendSampleTraces(options, span, makeTracer, onEnd));
}

function sendSampleTraces(
  options: XRayExporterOptions,
  { name, kind, attributes, parentSpanContext }: TranslatableSpan,
  makeTracer: MakeTracer,
  onEnd: () => void,
): void {
  const loopbackSocket = openLoopbackSocket();
  const daemon = { host: '127.0.0.1', port: loopbackSocket.address().port };
  const exporter = new XRayExporter({ ...options, daemon, dump: undefined });
  const processor = new XRaySpanProcessor({ exporter });
  const tracer = makeTracer(processor);
  const parent = parentSpanContext as SpanContext | undefined;
  const context = parent ? trace.setSpanContext(ROOT_CONTEXT, parent) : ROOT_CONTEXT;
  let left = ROUNDS;
  const once = (): void => {
    const span = tracer.startSpan(name, { kind, attributes: attributes as Attributes }, context);
    span.setAttribute('http.response.status_code', 200).end();
    processor.flushSync(0);
    left -= 1;
    if (left > 0) setImmediate(withoutThrowing, once);
    else {
      processor.shutdown().finally(() => loopbackSocket.close());
      onEnd();
    }
  };
  once();
}

/** Runs work in the event loop of the app, where an uncaught error would end the app. */
function withoutThrowing(work: () => void): void {
  try {
    work();
  } catch (error) {
    diag.debug('otel-xray: warm-up failed:', error);
  }
}

/** Returns a bound socket: its lookup is synchronous. */
function openLoopbackSocket(): Socket {
  const socket = process.getBuiltinModule('node:dgram').createSocket({
    type: 'udp4',
    lookup: literalLookup(4),
  });
  socket.on('error', (error) => diag.debug('otel-xray: warm-up failed:', error));
  return socket.unref().bind(0, '127.0.0.1');
}
