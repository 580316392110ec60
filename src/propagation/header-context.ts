import { type Context, createContextKey, type SpanContext } from '@opentelemetry/api';
import type { TraceHeader } from './header.ts';

/** What came with a request's header and goes on with it, beside the span context. */
export interface HeaderContext {
  readonly lineage: string | undefined;
  readonly data: TraceHeader['data'];
  /** The caller asked for the decision with `Sampled=?`. */
  readonly wantsDecision: boolean;
  /** Nothing is recorded here for this trace: calls hand the header on as it came. */
  readonly isPassedThrough?: boolean | undefined;
  /** The remote parent another propagator had found, when its trace is a different one. */
  readonly conflictingParent: SpanContext | undefined;
}

const KEY: symbol = createContextKey('otel-xray trace header');

export function headerContextOf(context: Context): HeaderContext | undefined {
  return context.getValue(KEY) as HeaderContext | undefined;
}

export function withHeaderContext(context: Context, headerContext: HeaderContext): Context {
  return context.setValue(KEY, headerContext);
}

/** A context in which calls hand the header on as it came, whatever spans are started below. */
export function withPassThrough(context: Context): Context {
  const headerContext = headerContextOf(context);
  return headerContext === undefined
    ? context
    : withHeaderContext(context, { ...headerContext, isPassedThrough: true });
}
