import { type Span, trace } from '@opentelemetry/api';
import { onStart, type StartProcessor } from '../start-processor.ts';

/** Property of a span with the first span of its request in this process. */
const ROOT: unique symbol = Symbol('otel-xray local root');

interface MarkedSpan extends Span {
  [ROOT]?: Span;
}

/**
 * Returns a span processor that lets {@link setUser} find the segment of a request from any child span.
 *
 * `otel-xray/register` includes it. Add it to your own provider.
 */
export function localRoots(): StartProcessor {
  return onStart((span, parentContext) => {
    const parent = trace.getSpan(parentContext) as MarkedSpan | undefined;
    const root = parent?.[ROOT];
    const same = root?.spanContext().traceId === span.spanContext().traceId;
    (span as MarkedSpan)[ROOT] = root !== undefined && same ? root : span;
  });
}

/** Returns the first span of the request in this process, or the span itself if that is unknown or ended. */
export function localRootOf(span: Span): Span {
  const root = firstSpanOf(span);
  return root.isRecording() ? root : span;
}

/** Returns the first span of the request in this process, also if it has ended; the span itself if that is unknown. */
export function firstSpanOf(span: Span): Span {
  return (span as MarkedSpan)[ROOT] ?? span;
}
