import {
  context,
  propagation,
  type TextMapPropagator,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CBaggagePropagator, W3CTraceContextPropagator } from '@opentelemetry/core';
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
import { xrayIdGenerator } from './propagation/ids.ts';
import { b3Propagator } from './provider-extras.ts';
import { isSpanProcessor } from './start/handle.ts';

/**
 * The one file, with `provider-extras.ts`, that takes the OpenTelemetry SDK at run time (2.x):
 * everything else works with its types only, so that it plugs into the SDK of an app, whatever line
 * that is of.
 */

export interface ProviderOptions {
  readonly resource: Resource;
  readonly sampler: Sampler;
  /** May grow later: the provider keeps this very list. */
  readonly processors: SpanProcessor[];
  readonly propagator: TextMapPropagator;
  readonly limits: SpanLimits;
}

/** SDK 1.x had this method; set-ups that were written for it still look for it. */
export interface GrowingProvider extends TracerProvider {
  addSpanProcessor(processor: unknown): void;
}

/** Makes the provider and registers it, its context manager and the propagator with the API. */
export function registerProvider(options: ProviderOptions): GrowingProvider {
  const made = new TracerProvider({
    resource: options.resource,
    sampler: options.sampler,
    spanProcessors: options.processors,
    spanLimits: options.limits,
    idGenerator: xrayIdGenerator(),
  });
  const provider = Object.assign(made, {
    addSpanProcessor(processor: unknown): void {
      if (isSpanProcessor(processor))
        options.processors.push(processor as unknown as SpanProcessor);
    },
  });
  const contexts = new AsyncLocalStorageContextManager();
  context.setGlobalContextManager(contexts.enable());
  propagation.setGlobalPropagator(options.propagator);
  trace.setGlobalTracerProvider(provider);
  return provider;
}

/** A tracer beside the registered provider, of which all spans go to the processor. */
export function tracerTo(processor: SpanProcessor, resource: Resource): Tracer {
  const provider = new TracerProvider({
    resource,
    sampler: new AlwaysOnSampler(),
    spanProcessors: [processor],
    idGenerator: xrayIdGenerator(),
  });
  return provider.getTracer('otel-xray');
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
