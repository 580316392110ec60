import { RestifyInstrumentation as UpstreamInstrumentation } from '@opentelemetry/instrumentation-restify';
import { Hook } from './hooks.ts';
import { recordRequestError } from './request-errors.ts';
import type { AnyFunction } from './same-shape.ts';
import { wrapMethods } from './wrap-class.ts';

const Upstream: new (config?: object) => object = UpstreamInstrumentation as never;

interface Server {
  _onHandlerError?: AnyFunction;
}

/**
 * Traces Restify as upstream does, and records errors that are passed to `next`, which upstream records
 * only if they are thrown.
 */
export class RestifyInstrumentation extends Upstream {
  readonly #hook: Hook = new Hook(['restify/lib/server.js'], {}, (exports) => {
    const { prototype } = exports as { readonly prototype: Server };
    wrapMethods(prototype, { _onHandlerError: recording });
    return exports;
  });

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
