import { warnOnce } from '../diagnostics.ts';

const failures = new Map<string, number>();

/** How often the code of each instrumentation threw, by the name of the instrumentation. */
export function instrumentationFailures(): ReadonlyMap<string, number> {
  return failures;
}

/** Counts an error that the code of an instrumentation threw, where the error itself is unknown. */
export function countFailure(instrumentation: string): void {
  failures.set(instrumentation, (failures.get(instrumentation) ?? 0) + 1);
}

/**
 * Counts an error that the code of an instrumentation threw, and logs the first of each
 * instrumentation. Never throws, whatever was thrown.
 */
export function reportFailure(instrumentation: string, error: unknown): void {
  countFailure(instrumentation);
  try {
    warnOnce(
      `instrumentation ${instrumentation} failed: ${describe(error)}. The app is not affected, but spans or ` +
        `their attributes are missing. OTEL_NODE_DISABLED_INSTRUMENTATIONS=${instrumentation} switches it off.`,
      `instrumentation ${instrumentation} failed`,
    );
  } catch {
    // A logger of the app that throws.
  }
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
