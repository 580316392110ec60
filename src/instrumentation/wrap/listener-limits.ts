import type { EventEmitter } from 'node:events';

/**
 * Raises the number of listeners above which Node.js warns by those that are added for tracing to one
 * event, so that an app which is just below that number gets no warning.
 */
export function allowListeners(emitter: EventEmitter, count: number): void {
  const max = emitter.getMaxListeners();
  if (max > 0) emitter.setMaxListeners(max + count);
}
