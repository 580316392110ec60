import { context, diag, type Span, trace } from '@opentelemetry/api';
import { existingHandle } from '../start/already-started.ts';
import type { Started } from '../start/handle.ts';
import { writeEntity } from './entities.ts';
import { fallbackContextManager } from './fallback-context.ts';
import { silenceForeignCapture } from './foreign-capture.ts';

let isConnected = false;

/** Copies what the app recorded on the segment of an instrumentation's span before the span ends. */
const writer = {
  onStart(): void {},
  onEnding: (span: Span): void => writeEntity(span),
  onEnd(): void {},
  forceFlush: (): Promise<void> => Promise.resolve(),
  shutdown: (): Promise<void> => Promise.resolve(),
};

/** Connects the facade with the tracer of this process. Called once, when the facade loads. */
export function connect(): void {
  if (isConnected) return;
  isConnected = true;
  silenceForeignCapture();
  const started = existingHandle<Started>();
  if (started !== undefined) started.addSpanProcessor(writer);
  else if (!isTracing()) {
    context.setGlobalContextManager(fallbackContextManager());
    diag.warn(
      'otel-xray: the X-Ray SDK facade is loaded, but nothing is traced: start the app with node --import otel-xray/register',
    );
  }
}

/** Returns whether a tracer provider is registered. Without one, spans have no ids. */
function isTracing(): boolean {
  const span = trace.getTracer('otel-xray').startSpan('probe', { root: true });
  const { traceId } = span.spanContext();
  return !/^0*$/.test(traceId);
}
