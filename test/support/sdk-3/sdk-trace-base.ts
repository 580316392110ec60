/** `@opentelemetry/sdk-trace-base` and `-node` of SDK 2.x, made of SDK 3.x, which has neither. */
import {
  type ContextManager,
  context,
  propagation,
  type TextMapPropagator,
  trace,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import * as sdk from '@opentelemetry/sdk-trace';

export * from '@opentelemetry/sdk-trace';
export { TracerProvider as BasicTracerProvider } from '@opentelemetry/sdk-trace';

type SpanExporter = ConstructorParameters<typeof sdk.SimpleSpanProcessor>[0];
/** SDK 3.x takes the exporter as an option. */
type Options = new (options: { readonly exporter: SpanExporter }) => sdk.SpanProcessor;

function byArgument(
  Processor: Options,
): new (
  exporter: SpanExporter,
  options?: object,
) => sdk.SpanProcessor {
  return class extends Processor {
    constructor(exporter: SpanExporter, options: object = {}) {
      super({ ...options, exporter });
    }
  };
}

export const SimpleSpanProcessor: ReturnType<typeof byArgument> = byArgument(
  sdk.SimpleSpanProcessor as unknown as Options,
);
export const BatchSpanProcessor: ReturnType<typeof byArgument> = byArgument(
  sdk.BatchSpanProcessor as unknown as Options,
);

export class NodeTracerProvider extends sdk.TracerProvider {
  register(
    options: {
      readonly contextManager?: ContextManager;
      readonly propagator?: TextMapPropagator;
    } = {},
  ): void {
    context.setGlobalContextManager(
      options.contextManager ?? new AsyncLocalStorageContextManager().enable(),
    );
    if (options.propagator !== undefined) propagation.setGlobalPropagator(options.propagator);
    trace.setGlobalTracerProvider(this);
  }
}
