import { EXCEPTION_EVENT } from '../../translator/blocks/cause.ts';
import { tellsMoreThanCause } from '../../translator/blocks/events.ts';
import type { SpanAttributes, TranslatableSpan } from '../../translator/span.ts';
import { isSame } from './template.ts';

const ERROR = 2;

/** What the document of a span follows from, when it failed or recorded an exception. */
export interface Failure {
  readonly status: number;
  readonly message: string | undefined;
  readonly exception: SpanAttributes | undefined;
}

/** `undefined` when its events have times of their own, which a document shows. */
export function failureOf({ status, events }: TranslatableSpan): Failure | undefined {
  const [event] = events;
  if (events.length > 1 || (event !== undefined && tellsMoreThanCause(event))) return undefined;
  const exception = event && { ...event.attributes };
  return { status: status.code, message: status.message, exception };
}

export function failed({ status, exception }: Failure): boolean {
  return status === ERROR || exception !== undefined;
}

/** Whether a span failed in the same words, at the same place. */
export function isSameFailure({ status, events }: TranslatableSpan, known: Failure): boolean {
  if (status.code !== known.status || status.message !== known.message) return false;
  const [event] = events;
  if (event === undefined) return known.exception === undefined;
  return (
    known.exception !== undefined &&
    events.length === 1 &&
    event.name === EXCEPTION_EVENT &&
    areSame(event.attributes ?? {}, known.exception)
  );
}

function areSame(attributes: SpanAttributes, known: SpanAttributes): boolean {
  let left = 0;
  for (const name in attributes) {
    if (!Object.hasOwn(known, name) || !isSame(attributes[name], known[name])) return false;
    left += 1;
  }
  for (const _ in known) left -= 1;
  return left === 0;
}
