import { context, propagation, type TextMapPropagator, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CBaggagePropagator, W3CTraceContextPropagator } from '@opentelemetry/core';
import { AWSXRayIdGenerator } from '@opentelemetry/id-generator-aws-xray';
import type { Resource } from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  type Sampler,
  type SpanLimits,
  type SpanProcessor,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { b3Propagator } from './provider-extras.ts';

/**
 * The one file, with `provider-extras.ts`, that takes the OpenTelemetry SDK at run time (2.x):
 * everything else works with its types only, so that it plugs into the SDK of an app, whatever line
 * that is of.
 */

export interface ProviderOptions {
  readonly resource: Resource;
  readonly sampler: Sampler;
  readonly processors: readonly SpanProcessor[];
  readonly propagator: TextMapPropagator;
  readonly limits: SpanLimits;
}

/** Makes the provider and registers it, its context manager and the propagator with the API. */
export function registerProvider(options: ProviderOptions): TracerProvider {
  const provider = new TracerProvider({
    resource: options.resource,
    sampler: options.sampler,
    spanProcessors: [...options.processors],
    spanLimits: options.limits,
    idGenerator: new AWSXRayIdGenerator(),
  });
  const contexts = new AsyncLocalStorageContextManager();
  context.setGlobalContextManager(contexts.enable());
  propagation.setGlobalPropagator(options.propagator);
  trace.setGlobalTracerProvider(provider);
  return provider;
}

/** OpenTelemetry's own propagators by the names of `OTEL_PROPAGATORS`. */
export const STANDARD_PROPAGATORS: Readonly<Record<string, () => TextMapPropagator>> = {
  tracecontext: () => new W3CTraceContextPropagator(),
  baggage: () => new W3CBaggagePropagator(),
  b3: () => b3Propagator('one'),
  b3multi: () => b3Propagator('several'),
};

/** OpenTelemetry's own samplers by the names of `OTEL_TRACES_SAMPLER`; `ratio` is from 0 to 1. */
export const STANDARD_SAMPLERS: Readonly<Record<string, (ratio: number) => Sampler>> = {
  always_on: () => new AlwaysOnSampler(),
  always_off: () => new AlwaysOffSampler(),
  traceidratio: (ratio) => new TraceIdRatioBasedSampler(ratio),
  parentbased_always_on: () => new ParentBasedSampler({ root: new AlwaysOnSampler() }),
  parentbased_always_off: () => new ParentBasedSampler({ root: new AlwaysOffSampler() }),
  parentbased_traceidratio: (ratio) =>
    new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) }),
};
