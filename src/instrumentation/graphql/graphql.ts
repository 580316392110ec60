import type { Span } from '@opentelemetry/api';
import { GraphQLInstrumentation as UpstreamInstrumentation } from '@opentelemetry/instrumentation-graphql';
import { droppedSpan } from '../spans/folding.ts';
import { isOwnIntrospection } from './graphql-operation.ts';

interface Operation {
  readonly name?: { readonly value: string };
}

/** Private members of upstream's class that are used here. */
interface UpstreamClass {
  _createExecuteSpan(operation: Operation | undefined, args: unknown): Span;
}

const Upstream: new (config?: object) => UpstreamClass = UpstreamInstrumentation as never;

/** Traces graphql 14 to 16 as upstream does, except for the introspection of a schema that is built. */
export class GraphQLInstrumentation extends Upstream {
  override _createExecuteSpan(operation: Operation | undefined, args: unknown): Span {
    return isOwnIntrospection(operation?.name?.value)
      ? droppedSpan()
      : super._createExecuteSpan(operation, args);
  }
}
