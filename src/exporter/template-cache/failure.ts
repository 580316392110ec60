import { hasMoreThanCause } from '../../translator/blocks/events.ts';
import { EXCEPTION_EVENT } from '../../translator/blocks/failure-events.ts';
import type { SpanAttributes, TranslatableSpan } from '../../translator/span.ts';
import { isSame } from './template.ts';

const ERROR = 2;

/** The status and exception of a span, from which its document follows. */
export interface Failure {
  readonly status: number;
  readonly message: string | undefined;
  readonly exception: SpanAttributes | undefined;
}

/** One object for the many spans that did not fail. */
const NO_FAILURE: Failure = { status: 0, message: undefined, exception: undefined };

/** Returns `undefined` if the span has events whose times are part of its document. */
export function failureOf({ status, events }: TranslatableSpan): Failure | undefined {
  if (status.code === 0 && status.message === undefined && events.length === 0) return NO_FAILURE;
  const [event] = events;
  if (events.length > 1 || (event !== undefined && hasMoreThanCause(event))) return undefined;
  const exception = event && { ...event.attributes };
  return { status: status.code, message: status.message, exception };
}

/** Returns whether the span failed or recorded an exception. */
export function hasFailed({ status, events }: TranslatableSpan): boolean {
  return status.code === ERROR || events.length > 0;
}

/** Returns the messages of the status and of the exception, to recognize the failure cheaply. */
export function messagesOf({ status, events }: TranslatableSpan): string {
  return `${status.message}\n${events[0]?.attributes?.['exception.message']}`;
}

/** Returns whether a span failed with the same messages and the same stack. */
export function isSameFailure({ status, events }: TranslatableSpan, failure: Failure): boolean {
  if (status.code !== failure.status || status.message !== failure.message) return false;
  const [event] = events;
  if (event === undefined) return failure.exception === undefined;
  return (
    failure.exception !== undefined &&
    events.length === 1 &&
    event.name === EXCEPTION_EVENT &&
    areSame(event.attributes ?? {}, failure.exception)
  );
}

function areSame(attributes: SpanAttributes, expected: SpanAttributes): boolean {
  let left = 0;
  for (const name in attributes) {
    if (!Object.hasOwn(expected, name) || !isSame(attributes[name], expected[name])) return false;
    left += 1;
  }
  for (const _ in expected) left -= 1;
  return left === 0;
}
