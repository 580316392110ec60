import { type Context, createContextKey, type SpanContext } from '@opentelemetry/api';
import type { TraceHeader } from './header.ts';

/** What came with a request's header and goes on with it, beside the span context. */
export interface Carried {
  readonly lineage: string | undefined;
  readonly data: TraceHeader['data'];
  /** The caller asked for the decision with `Sampled=?`. */
  readonly isAsked: boolean;
  /** Nothing is recorded here for this trace: calls hand the header on as it came. */
  readonly isPassedThrough?: boolean | undefined;
  /** The remote parent another propagator had found, when its trace is a different one. */
  readonly otherParent: SpanContext | undefined;
}

const KEY: symbol = createContextKey('otel-xray trace header');

export function carriedIn(context: Context): Carried | undefined {
  return context.getValue(KEY) as Carried | undefined;
}

export function withCarried(context: Context, carried: Carried): Context {
  return context.setValue(KEY, carried);
}

/** A context in which calls hand the header on as it came, whatever spans are started below. */
export function withPassThrough(context: Context): Context {
  const carried = carriedIn(context);
  return carried === undefined
    ? context
    : withCarried(context, { ...carried, isPassedThrough: true });
}
