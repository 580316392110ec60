import { type Span, trace } from '@opentelemetry/api';
import { annotateAttributes } from '../../api/annotations.ts';
import { attributesOf } from '../../api/span-notes.ts';
import { joinAnnotation } from '../spans/joined-annotation.ts';

const OPERATION = ['graphql.operation.name', 'graphql.operation.type'] as const;

/**
 * Adds the name and type of a GraphQL operation as annotations to its subsegment and to the segment
 * of the request, because all operations of a service share one URL. A batch has several.
 */
export function annotateOperation(span: Span): void {
  const attributes = attributesOf(span);
  const names = OPERATION.filter((name) => typeof attributes[name] === 'string');
  annotateAttributes(span, names);
  for (const name of names) joinAnnotation(name, attributes[name] as string, span);
}

/**
 * Returns whether an operation is the introspection that libraries such as type-graphql run to check a
 * schema that they have built: outside a trace, with the name that `getIntrospectionQuery` gives it.
 */
export function isOwnIntrospection(name: string | undefined): boolean {
  return name === 'IntrospectionQuery' && trace.getActiveSpan() === undefined;
}
