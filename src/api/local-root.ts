import { type Span, trace } from '@opentelemetry/api';
import { onStart, type StartProcessor } from '../start-processor.ts';

/** Where a span knows the first span of its request in this process; it dies with the span. */
const ROOT: unique symbol = Symbol('otel-xray local root');

interface MarkedSpan extends Span {
  [ROOT]?: Span;
}

/**
 * A span processor by which {@link setUser} finds the segment of a request from any span below it.
 *
 * `otel-xray/register` has it; add it to a provider of your own.
 */
export function localRoots(): StartProcessor {
  return onStart((span, parentContext) => {
    const parent = trace.getSpan(parentContext) as MarkedSpan | undefined;
    const root = parent?.[ROOT];
    const same = root?.spanContext().traceId === span.spanContext().traceId;
    (span as MarkedSpan)[ROOT] = root !== undefined && same ? root : span;
  });
}

/** The first span of the request in this process; the span itself when that is not known or over. */
export function localRootOf(span: Span): Span {
  const root = (span as MarkedSpan)[ROOT];
  return root?.isRecording() ? root : span;
}
