import { warnOnce } from './diagnostics.ts';

/**
 * Runs work of ours whose errors must never reach the app.
 *
 * @returns the result of `work`, or `undefined` if it threw, which logs one warning
 */
export function attempt<T>(what: string, work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    warnOnce(`${what} failed: ${textOf(error)}`, `attempt ${what}`);
    return undefined;
  }
}

/** Returns a short text for any thrown value. Never throws. */
export function textOf(thrown: unknown): string {
  try {
    if (thrown instanceof Error) return thrown.message;
    return typeof thrown === 'object' && thrown !== null ? JSON.stringify(thrown) : String(thrown);
  } catch {
    return 'unknown error';
  }
}
