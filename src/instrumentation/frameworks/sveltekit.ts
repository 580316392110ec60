import {
  type Context,
  isSpanContextValid,
  type Span,
  type SpanOptions,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { getRPCMetadata } from '@opentelemetry/core';
import { droppedSpan, renamedSpan, silentlyFoldedInto, tracerFrom } from '../spans/folding.ts';
import { setPageRoute } from '../spans/request-route.ts';
import { attempt } from '../wrap/guard.ts';
import type { FrameworkOptions } from './framework-tracers.ts';
import { noteStack } from './recorded-stacks.ts';

/** Spans around the code of the app; the segment has the same request. */
const AROUND = /^sveltekit\.(?:handle\.|resolve$)/;

/** Attributes that the segment has, or the name of the span. */
const REPEATED = /^(?:http\.|url\.|sveltekit\.load\.(?:node_type|environment)$)/;

/**
 * Shapes the spans that SvelteKit creates where the app enables its tracing: the request stays one
 * segment and gets its route; `load` functions and form actions are subsegments.
 *
 * @see https://svelte.dev/docs/kit/observability
 */
export class SvelteKitInstrumentation {
  readonly #options: FrameworkOptions;

  constructor(options: FrameworkOptions) {
    this.#options = options;
  }

  /** Returns the tracer that SvelteKit gets in place of `tracer`. */
  tracer(tracer: Tracer): Tracer {
    const { spans, allSpans } = this.#options;
    return tracerFrom((name, options, context) => {
      const around = trace.getSpan(context);
      const isInside = around !== undefined && isSpanContextValid(around.spanContext());
      // `unknown` where no page matches.
      setPageRoute(context, options.attributes?.['http.route']);
      if (spans && (!isInside || !AROUND.test(name) || allSpans)) {
        const kept = { name: nameOf(name, options), without: REPEATED };
        return withNotedStacks(renamedSpan(tracer, kept, options, context), context);
      }
      return isInside ? silentlyFoldedInto(around) : droppedSpan();
    }, adopted);
  }
}

/** SvelteKit reads the parent from the headers of the request, as the segment has done. */
function adopted(context: Context): Context {
  const request = getRPCMetadata(context)?.span;
  if (request === undefined || trace.getSpanContext(context)?.isRemote !== true) return context;
  return trace.setSpan(context, request);
}

function withNotedStacks(span: Span, context: Context): Span {
  const request = getRPCMetadata(context)?.span;
  const { recordException } = span;
  span.recordException = function (this: Span, error, time): void {
    attempt('sveltekit', () => {
      if (request !== undefined) noteStack(request, (error as { readonly stack?: unknown }).stack);
    });
    recordException.call(this, error, time);
  };
  return span;
}

/** Returns a name such as `load +page.server` or `form action`. */
function nameOf(name: string, { attributes }: SpanOptions): string {
  const own = name.replace(/^sveltekit\./, '').replaceAll('_', ' ');
  const node = attributes?.['sveltekit.load.node_type'];
  return node === undefined ? own : `${own} ${node}`;
}
