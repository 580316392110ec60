import type { Span } from '@opentelemetry/api';
import { recordError } from '../../api/errors.ts';
import { observePromise } from '../../api/follow.ts';
import { attempt } from '../wrap/guard.ts';
import { endIfUnread, recordIncomplete } from './aws-bodies.ts';
import type { AwsRequest } from './aws-call.ts';
import { isLastEvent, recordStreamFailure } from './aws-reported-failure.ts';

const NAME = 'aws-sdk';

type Events = AsyncIterable<unknown>;
type Step = IteratorResult<unknown>;

/** Returns the events in the result of a call that streams the response of a Lambda function. */
export function functionEvents(
  { serviceName, commandName }: AwsRequest,
  output: unknown,
): Events | undefined {
  if (serviceName !== 'Lambda' || commandName !== 'InvokeWithResponseStream') return undefined;
  const events = (output as { readonly EventStream?: Partial<Events> } | undefined)?.EventStream;
  return typeof events?.[Symbol.asyncIterator] === 'function' ? (events as Events) : undefined;
}

/**
 * Ends a span with the last event that the app reads, which reports whether the function has failed.
 * The app keeps its stream and reads it itself.
 *
 * @param body of the HTTP response
 * @returns whether the span ends later
 */
export function endsWithEvents(span: Span, events: Events, body: unknown): boolean {
  const iterate = events[Symbol.asyncIterator];
  const forget = endIfUnread(span, body);
  const end = (): void => {
    forget();
    span.end();
  };
  const onStep = ({ done, value }: Step): void => {
    if (!span.isRecording()) return;
    recordStreamFailure(span, value);
    if (done === true) recordIncomplete(span, body);
    if (done === true || isLastEvent(value)) end();
  };
  const onError = (error: unknown): void => {
    if (!span.isRecording()) return;
    if (!recordIncomplete(span, body)) recordError(span, error);
    end();
  };
  return Reflect.defineProperty(events, Symbol.asyncIterator, {
    configurable: true,
    writable: true,
    value: (...args: []) => {
      const iterator = iterate.apply(events, args);
      attempt(NAME, () => watchSteps(iterator, onStep, onError));
      return iterator;
    },
  });
}

function watchSteps(
  iterator: AsyncIterator<unknown>,
  onStep: (step: Step) => void,
  onError: (error: unknown) => void,
): void {
  const observer = {
    done: (step: unknown) => void attempt(NAME, () => onStep(step as Step)),
    failed: (error: unknown) => void attempt(NAME, () => onError(error)),
  };
  for (const name of ['next', 'return', 'throw'] as const) {
    const move = iterator[name] as ((...args: unknown[]) => unknown) | undefined;
    if (move === undefined) continue;
    const value = (...args: unknown[]): unknown => {
      const step = move.apply(iterator, args);
      return step instanceof Promise ? observePromise(step, observer) : step;
    };
    Reflect.defineProperty(iterator, name, { configurable: true, writable: true, value });
  }
}
