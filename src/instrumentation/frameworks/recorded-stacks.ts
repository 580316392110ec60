import type { Span } from '@opentelemetry/api';

const stacks = new WeakMap<Span, unknown>();

/**
 * Notes the stack of an error that a subsegment of a request records. SvelteKit records copies of
 * errors, so that their identity does not show that an error is recorded already.
 */
export function noteStack(request: Span, stack: unknown): void {
  stacks.set(request, stack);
}

/** Returns whether the last error that was noted for a request has this stack. */
export function hasStack(request: Span, stack: unknown): boolean {
  return stacks.get(request) === stack;
}
