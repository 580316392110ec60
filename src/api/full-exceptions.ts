import type { Span, TimeInput } from '@opentelemetry/api';
import { onStart, type StartProcessor } from '../start-processor.ts';
import { exceptionAttributes } from './exception.ts';

interface SpanPrototype {
  recordException?: (this: Span, exception: unknown, time?: TimeInput) => void;
}

const patched = new WeakSet<object>();

/**
 * Returns a span processor that makes `recordException` record the class name of an error, its causes
 * and the errors of an `AggregateError`. Instrumentations call `recordException`.
 *
 * The method of the SDK uses the `code` of an error as its type, ignores causes, and throws for some
 * values that can be thrown, such as a symbol.
 */
export function fullExceptions(): StartProcessor {
  let last: SpanPrototype | null = null;
  return onStart((span) => {
    const prototype = Object.getPrototypeOf(span) as SpanPrototype | null;
    if (prototype === last || prototype === null) return;
    last = prototype;
    if (patched.has(prototype)) return;
    patched.add(prototype);
    if (Object.hasOwn(prototype, 'recordException')) prototype.recordException = recordException;
  });
}

function recordException(this: Span, exception: unknown, time?: TimeInput): void {
  this.addEvent('exception', exceptionAttributes(exception), time);
}
