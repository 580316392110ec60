import { join } from 'node:path';
import { context, isSpanContextValid, trace } from '@opentelemetry/api';
import { attempt } from '../../wrap/guard.ts';
import type { AnyFunction } from '../../wrap/same-shape.ts';
import { wrapMethodsOnce } from '../../wrap/wrap-class.ts';
import type { Patch } from './files.ts';

const TRACER = join('next', 'dist', 'server', 'lib', 'trace', 'tracer.js');

/** The tracer of Next.js, of which there is one. */
interface NextTracer {
  withPropagatedContext: AnyFunction;
}

interface TracerExports {
  readonly getTracer?: () => NextTracer;
}

/**
 * Returns the patch that keeps a request in its segment after its middleware. Next.js 16 then continues
 * the trace that the headers of the request have, also where the segment of the request is active: a
 * load balancer or another service may have set one, and an error page may follow the response.
 */
export const PROPAGATION: Readonly<Record<string, Patch>> = {
  [TRACER]: (exports) => {
    attempt('next', () => {
      const { getTracer } = exports as TracerExports;
      const tracer = getTracer?.();
      if (tracer !== undefined) keepContext(Object.getPrototypeOf(tracer) as NextTracer);
    });
    return exports;
  },
};

function keepContext(prototype: NextTracer): void {
  wrapMethodsOnce(prototype, {
    withPropagatedContext: (original) =>
      function (this: unknown, carrier, run, getter, force): unknown {
        const around = trace.getSpanContext(context.active());
        const isInside = around !== undefined && isSpanContextValid(around);
        return original.call(this, carrier, run, getter, isInside ? false : force);
      },
  });
}
