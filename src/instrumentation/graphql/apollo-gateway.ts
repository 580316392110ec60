import { type Span, type SpanOptions, type Tracer, trace } from '@opentelemetry/api';
import { attributesOf } from '../../api/span-notes.ts';
import type { FrameworkOptions } from '../frameworks/framework-tracers.ts';
import {
  droppedSpan,
  foldedInto,
  renamedSpan,
  silentlyFoldedInto,
  tracerFrom,
} from '../spans/folding.ts';
import { attempt } from '../wrap/guard.ts';
import { annotateOperation } from './graphql-operation.ts';

const NAME = 'apollo-gateway';

/** Steps of the gateway around the calls of subgraphs. */
const STEPS = /^gateway\.(?:validate|plan|execute|postprocessing)$/;

/**
 * Shapes the spans that Apollo Gateway creates: the operation, as other GraphQL servers have it, and each
 * call of a subgraph.
 */
export class ApolloGatewayInstrumentation {
  readonly #options: FrameworkOptions;

  constructor(options: FrameworkOptions) {
    this.#options = options;
  }

  /** Returns the tracer that the gateway gets in place of `tracer`. */
  tracer(tracer: Tracer): Tracer {
    const { spans, allSpans } = this.#options;
    return tracerFrom((name, options, context) => {
      const around = trace.getSpan(context);
      if (!spans) return around === undefined ? droppedSpan() : silentlyFoldedInto(around);
      if (STEPS.test(name) && !allSpans) {
        return around === undefined ? droppedSpan() : foldedInto(around);
      }
      const kept = { name: nameOf(name, options), without: /^operationName$/ };
      const span = renamedSpan(tracer, kept, options, context);
      return name === 'gateway.request' ? namedByOperation(span) : span;
    });
  }
}

function nameOf(name: string, { attributes = {} }: SpanOptions): string {
  const { service } = attributes;
  return name === 'gateway.fetch' && service !== undefined ? `fetch ${service}` : name;
}

/** The gateway sets name and type of the operation after it has parsed the text. */
function namedByOperation(span: Span): Span {
  const { end } = span;
  span.end = function (this: Span, time): void {
    attempt(NAME, () => {
      const { 'graphql.operation.type': type, 'graphql.operation.name': name } = attributesOf(this);
      if (type !== undefined) this.updateName([type, name].filter(Boolean).join(' '));
      annotateOperation(this);
    });
    end.call(this, time);
  };
  return span;
}
