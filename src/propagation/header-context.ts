import { type Context, createContextKey, type SpanContext } from '@opentelemetry/api';
import type { TraceHeader } from './header.ts';

/** What a trace header carries beside the span context; outgoing calls send it on. */
export interface HeaderContext {
  readonly lineage: string | undefined;
  readonly data: TraceHeader['data'];
  /** The caller asked for the sampling decision with `Sampled=?`. */
  readonly wantsDecision: boolean;
  /** This process records nothing for the trace; outgoing calls repeat the header as received. */
  readonly isPassedThrough?: boolean | undefined;
  /** The remote parent that another propagator extracted, if it belongs to a different trace. */
  readonly conflictingParent: SpanContext | undefined;
}

const KEY: symbol = createContextKey('otel-xray trace header');

export function headerContextOf(context: Context): HeaderContext | undefined {
  return context.getValue(KEY) as HeaderContext | undefined;
}

export function withHeaderContext(context: Context, headerContext: HeaderContext): Context {
  return context.setValue(KEY, headerContext);
}

/** Returns a context in which outgoing calls repeat the header as received, whatever spans start in it. */
export function withPassThrough(context: Context): Context {
  const headerContext = headerContextOf(context);
  return headerContext === undefined
    ? context
    : withHeaderContext(context, { ...headerContext, isPassedThrough: true });
}
