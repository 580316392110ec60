import { EventEmitter } from 'node:events';
import {
  type Context,
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
import { bindEmitter } from './bound-emitter.ts';
import { storageOf } from './context-storage.ts';
import { xrayIdGenerator } from './propagation/ids.ts';
import { b3Propagator } from './provider-extras.ts';
import { isSpanProcessor } from './span-processors.ts';

/**
 * This file and `provider-extras.ts` are the only ones that import the OpenTelemetry SDK (2.x) at
 * run time. All others import its types only, so that they work with the SDK of an app, whatever
 * version that is.
 */

export interface ProviderOptions {
  readonly resource: Resource;
  readonly sampler: Sampler;
  /** `addSpanProcessor` appends to this list. */
  readonly processors: SpanProcessor[];
  readonly propagator: TextMapPropagator;
  readonly limits: SpanLimits;
}

/** SDK 1.x has this method, and setups written for it still call it. */
export interface ExtensibleProvider extends TracerProvider {
  addSpanProcessor(processor: unknown): void;
}

/**
 * Creates the provider and registers it with the API, with its context manager and propagator.
 *
 * Does what `NodeTracerProvider` of `@opentelemetry/sdk-trace-node` does; docs/rationale.md says why
 * that class is not used.
 */
export function registerProvider(options: ProviderOptions): ExtensibleProvider {
  const { processors } = options;
  const provider = Object.assign(
    new TracerProvider({
      resource: options.resource,
      sampler: options.sampler,
      spanProcessors: processors,
      spanLimits: options.limits,
      idGenerator: xrayIdGenerator(),
    }),
    {
      addSpanProcessor(processor: unknown): void {
        if (isSpanProcessor(processor)) processors.push(processor as unknown as SpanProcessor);
      },
    },
  );
  context.setGlobalContextManager(new ContextManager().enable());
  propagation.setGlobalPropagator(options.propagator);
  trace.setGlobalTracerProvider(provider);
  return provider;
}

/** Binds emitters in a third of the time of OpenTelemetry's, which is 2 µs of each HTTP request. */
class ContextManager extends AsyncLocalStorageContextManager {
  override bind<T>(to: Context, target: T): T {
    const storage = storageOf(this);
    const isBound =
      storage !== undefined && target instanceof EventEmitter && bindEmitter(target, to, storage);
    return isBound ? target : super.bind(to, target);
  }
}

/** Returns a tracer of a provider that is not registered and passes all its spans to the processors. */
export function tracerTo(spanProcessors: SpanProcessor[], resource: Resource): Tracer {
  const provider = new TracerProvider({
    resource,
    sampler: new AlwaysOnSampler(),
    spanProcessors,
    idGenerator: xrayIdGenerator(),
  });
  return provider.getTracer('otel-xray');
}

/** Name and version of the OpenTelemetry SDK that is compiled in. */
export { SDK_INFO } from '@opentelemetry/core';

/** OpenTelemetry's propagators by their names in `OTEL_PROPAGATORS`. */
export const STANDARD_PROPAGATORS: Readonly<Record<string, () => TextMapPropagator>> = {
  tracecontext: () => new W3CTraceContextPropagator(),
  baggage: () => new W3CBaggagePropagator(),
  b3: () => b3Propagator('one'),
  b3multi: () => b3Propagator('several'),
};

/** OpenTelemetry's samplers by their names in `OTEL_TRACES_SAMPLER`; `ratio` is from 0 to 1. */
export const STANDARD_SAMPLERS: Readonly<Record<string, (ratio: number) => Sampler>> = {
  always_on: () => new AlwaysOnSampler(),
  always_off: () => new AlwaysOffSampler(),
  traceidratio: (ratio) => new TraceIdRatioBasedSampler(ratio),
  parentbased_always_on: () => new ParentBasedSampler({ root: new AlwaysOnSampler() }),
  parentbased_always_off: () => new ParentBasedSampler({ root: new AlwaysOffSampler() }),
  parentbased_traceidratio: (ratio) =>
    new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) }),
};
