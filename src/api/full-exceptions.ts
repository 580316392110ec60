import type { Attributes, Span, TimeInput } from '@opentelemetry/api';
import { onStart, type StartProcessor } from '../start-processor.ts';
import { exceptionAttributes } from './exception.ts';

interface SpanPrototype {
  recordException?: (this: Span, exception: unknown, time?: TimeInput) => void;
}

const patched = new WeakSet<object>();

/**
 * A span processor by which `recordException` records an error with its class name, its causes and
 * the errors of an `AggregateError`, whoever calls it; instrumentations do.
 *
 * The SDK's own method takes the `code` of an error for its type, loses what is behind the error,
 * and throws for some values that can be thrown, such as a symbol.
 */
export function fullExceptions(): StartProcessor {
  return onStart((span) => {
    const prototype = Object.getPrototypeOf(span) as SpanPrototype | null;
    if (prototype === null || patched.has(prototype)) return;
    patched.add(prototype);
    if (Object.hasOwn(prototype, 'recordException')) prototype.recordException = recordException;
  });
}

function recordException(this: Span, exception: unknown, time?: TimeInput): void {
  // A message is no exception of the type `string`.
  const attributes: Attributes =
    typeof exception === 'string'
      ? { 'exception.message': exception }
      : exceptionAttributes(exception);
  this.addEvent('exception', attributes, time);
}
