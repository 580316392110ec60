import type { Outcome } from './outcome.ts';

/**
 * Durable executions. One execution runs over several invocations, which Lambda gives the same trace
 * id: each replays the finished steps and goes on until the execution waits or ends.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/durable-functions.html
 */

/** What the durable execution SDK returns to Lambda. */
interface DurableResult {
  readonly Status?: unknown;
  readonly Error?: DurableError | null;
}

interface DurableError {
  readonly ErrorType?: unknown;
  readonly ErrorMessage?: unknown;
  readonly StackTrace?: unknown;
}

/** @returns the ARN of the execution that an invocation belongs to; `undefined` if there is none */
export function durableExecutionArn(event: unknown): string | undefined {
  const arn = (event as { readonly DurableExecutionArn?: unknown } | null | undefined)
    ?.DurableExecutionArn;
  return typeof arn === 'string' && arn !== '' ? arn : undefined;
}

/** Returns whether the execution waits: the functions that run now never go on, and end no span. */
export function isSuspended(outcome: Outcome): boolean {
  return resultOf(outcome)?.Status === 'PENDING';
}

/** Returns the failure of an execution, which the SDK reports as a result, as an error. */
export function durableOutcome(outcome: Outcome): Outcome {
  const result = resultOf(outcome);
  if (result?.Status !== 'FAILED') return outcome;
  const { ErrorType, ErrorMessage, StackTrace } = result.Error ?? {};
  const name = typeof ErrorType === 'string' ? ErrorType : 'Error';
  const message = typeof ErrorMessage === 'string' ? ErrorMessage : 'the execution failed';
  const frames = Array.isArray(StackTrace) ? StackTrace : [];
  return { error: { name, message, stack: [`${name}: ${message}`, ...frames].join('\n') } };
}

function resultOf(outcome: Outcome): DurableResult | undefined {
  const value = 'error' in outcome ? undefined : outcome.value;
  return typeof value === 'object' && value !== null ? value : undefined;
}
