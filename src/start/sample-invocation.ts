import { type Attributes, type SpanContext, trace } from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import type { XRaySpanProcessor } from '../exporter/processor.ts';
import type { openSpansProcessor } from '../lambda/index.ts';
import type { wrapWith } from '../lambda/wrap.ts';
import { tracerTo } from '../provider.ts';
import { deferExport } from '../resource/index.ts';
import type { TranslatableSpan } from '../translator/span.ts';
import type { RunSample } from './warm-up.ts';

/** The parts of Lambda mode that an invocation runs through. */
export interface InvocationParts {
  readonly openSpansProcessor: typeof openSpansProcessor;
  readonly wrapWith: typeof wrapWith;
}

const RESPONSE = { statusCode: 200 };
/** The invocation that fails, which takes 5 ms. The code of all others is warm after five of them, and then a failure of the function finds its own code. */
const FAILING = 6;

/**
 * Returns a function that makes invocations of a handler that does nothing, or fails once. Their spans have the shape
 * of a given span, and take the path of its spans to another processor.
 */
export function sampleInvocation(
  { name, kind, attributes, parentSpanContext }: TranslatableSpan,
  resource: Resource,
  lambda: InvocationParts,
): (processor: XRaySpanProcessor) => RunSample {
  const options = { kind, attributes: attributes as Attributes };
  const parent = parentSpanContext as SpanContext | undefined;
  return (processor) => {
    const deferred = deferExport(processor, resource);
    const tracer = tracerTo([deferred, lambda.openSpansProcessor], resource);
    let runs = 0;
    const answer = async (): Promise<object> => {
      runs += 1;
      if (runs === FAILING) throw new Error('sample');
      return RESPONSE;
    };
    const handler = lambda.wrapWith(answer, {
      env: {},
      globals: {},
      takeColdStart: () => false,
      tracer: {
        startSpan: (_name, _options, context) =>
          tracer.startSpan(name, options, parent ? trace.setSpanContext(context, parent) : context),
      },
      port: { flushSync: () => deferred.flushSync(0), sendInProgress() {} },
    }) as (event: object, context: object) => Promise<unknown>;
    return () => handler({}, {}).catch(() => {});
  };
}
