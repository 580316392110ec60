import type { Span, Tracer, TracerProvider } from '@opentelemetry/api';
import { RestifyInstrumentation as UpstreamInstrumentation } from '@opentelemetry/instrumentation-restify';
import { tracerFrom } from './folding.ts';
import { Hook } from './hooks.ts';
import { recordRequestError } from './request-errors.ts';
import type { AnyFunction } from './same-shape.ts';
import { wrapMethods } from './wrap-class.ts';

interface Instrumentation {
  setTracerProvider(provider: TracerProvider): void;
}

const Upstream: new (config?: object) => Instrumentation = UpstreamInstrumentation as never;

interface Server {
  _onHandlerError?: AnyFunction;
}

/**
 * Traces Restify as upstream does, and records errors that are passed to `next`, which upstream records
 * only if they are thrown. A span ends once: upstream ends that of a handler which calls `next` again when
 * the handler returns, which the SDK reports as a mistake of the app.
 */
export class RestifyInstrumentation extends Upstream {
  readonly #hook: Hook = new Hook(['restify/lib/server.js'], {}, (exports) => {
    const { prototype } = exports as { readonly prototype: Server };
    wrapMethods(prototype, { _onHandlerError: recording });
    return exports;
  });

  override setTracerProvider(provider: TracerProvider): void {
    super.setTracerProvider({
      getTracer: (...args) => endingOnce(provider.getTracer(...args)),
    });
  }

  disable(): void {
    this.#hook.unhook();
    (Upstream.prototype as { disable?(): void }).disable?.call(this);
  }
}

function recording(original: AnyFunction): AnyFunction {
  return function (this: unknown, ...args: unknown[]): unknown {
    recordRequestError('restify', args[0]);
    return original.apply(this, args);
  };
}

function endingOnce(tracer: Tracer): Tracer {
  return tracerFrom((name, options, context) => {
    const span = tracer.startSpan(name, options, context);
    const { end } = span;
    span.end = function (this: Span, time) {
      if (span.isRecording()) end.call(this, time);
    };
    return span;
  });
}
