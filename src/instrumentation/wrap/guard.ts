import { diag } from '@opentelemetry/api';
import { warnOnce } from '../../diagnostics.ts';

const failures = new Map<string, number>();

/** Returns how often the code of each instrumentation threw, by the name of the instrumentation. */
export function instrumentationFailures(): ReadonlyMap<string, number> {
  return failures;
}

/** Logs the number of errors of each instrumentation, if there were any. */
export function logFailures(): void {
  if (failures.size === 0) return;
  const counts = Array.from(failures, ([name, count]) => `${name} ${count}`).join(', ');
  diag.debug(`otel-xray: errors of instrumentations: ${counts}`);
}

/**
 * Counts an error that the code of an instrumentation threw around a callback, where the error itself
 * is unknown, and logs the first of each instrumentation. Never throws.
 */
export function countUnknownFailure(instrumentation: string): void {
  count(instrumentation);
  warnOfFailure(instrumentation, ' in a callback (the message of its next error will be logged)');
}

function count(instrumentation: string): void {
  failures.set(instrumentation, (failures.get(instrumentation) ?? 0) + 1);
}

/** @param key of the message, which is logged once */
function warnOfFailure(instrumentation: string, how: string, key: string = how): void {
  try {
    warnOnce(
      `instrumentation ${instrumentation} failed${how}. The app is not affected, but spans or ` +
        `their attributes are missing. OTEL_NODE_DISABLED_INSTRUMENTATIONS=${instrumentation} turns it off.`,
      `instrumentation ${instrumentation} failed${key}`,
    );
  } catch {
    // A logger of the app that throws.
  }
}

/**
 * Counts an error that the code of an instrumentation threw, and logs the first of each
 * instrumentation. Never throws, whatever was thrown.
 */
export function reportFailure(instrumentation: string, error: unknown): void {
  count(instrumentation);
  warnOfFailure(instrumentation, `: ${describe(error)}`, '');
}

/**
 * Runs code of an instrumentation.
 *
 * @returns its result; `undefined` if it threw, which is reported
 */
export function attempt<Result>(instrumentation: string, work: () => Result): Result | undefined {
  try {
    return work();
  } catch (error) {
    reportFailure(instrumentation, error);
    return undefined;
  }
}

/**
 * Returns the error as one line of text. Any value can be thrown, such as an object without a
 * prototype.
 */
function describe(error: unknown): string {
  try {
    return String(error).split('\n', 1)[0] as string;
  } catch {
    return `a value of type ${typeof error}`;
  }
}
