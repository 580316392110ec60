import type { Attributes, Context, Link, SpanKind, TraceState } from '@opentelemetry/api';

/**
 * The structural type of a sampler in the OpenTelemetry SDKs 2.x and 3.x. The SDK is not imported, so
 * that the sampler works with both.
 */
export interface SdkSampler {
  shouldSample(
    context: Context,
    traceId: string,
    spanName: string,
    spanKind: SpanKind,
    attributes: Attributes,
    links: Link[],
  ): SdkSamplingResult;
  toString(): string;
}

/** 0: not recorded, 1: recorded but not sampled, 2: recorded and sampled. */
export type SdkDecision = 0 | 1 | 2;

export interface SdkSamplingResult {
  decision: SdkDecision;
  attributes?: Readonly<Attributes>;
  traceState?: TraceState;
}

/** What to do about the decision of a remote parent. */
export type RespectParent = 'always' | 'sampled-only' | 'never';
