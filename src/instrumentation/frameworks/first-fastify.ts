import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { attempt } from '../wrap/guard.ts';

/** The part of `FastifyOtelInstrumentation` that is used here; private there. */
export interface FastifyInstrumentation {
  _handleInitialization?(message: unknown): void;
}

const CHANNEL = 'fastify.initialization';

/**
 * Starts the instrumentation of Fastify with the first server of a Fastify that no loader hook has seen,
 * because it is part of a bundle. The instrumentation then gets that server too.
 *
 * @param hasStarted whether the instrumentation runs already, or must not run
 * @returns stops waiting
 */
export function onFirstFastify(
  start: () => FastifyInstrumentation | undefined,
  hasStarted: () => boolean,
): () => void {
  const first = (message: unknown): void => {
    unsubscribe(CHANNEL, first);
    if (!hasStarted()) attempt('fastify', () => start()?._handleInitialization?.(message));
  };
  subscribe(CHANNEL, first);
  return () => {
    unsubscribe(CHANNEL, first);
  };
}
