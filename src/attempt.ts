import { warnOnce } from './diagnostics.ts';

/**
 * Runs a piece of our own work that must never reach the app as an error.
 *
 * @returns what `work` returns, or `undefined` after it threw; the error is said once
 */
export function attempt<T>(what: string, work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    warnOnce(`${what} failed: ${textOf(error)}`, `attempt ${what}`);
    return undefined;
  }
}

/** A short text for anything that was thrown; never throws itself. */
export function textOf(thrown: unknown): string {
  try {
    if (thrown instanceof Error) return thrown.message;
    return typeof thrown === 'object' && thrown !== null ? JSON.stringify(thrown) : String(thrown);
  } catch {
    return 'unknown error';
  }
}
