import type { Context } from '@opentelemetry/api';

let chosen: Context | undefined;

/**
 * Calls the original of a wrapper that does not run in the context it has chosen, which is faster. Used
 * by the build in the http instrumentation: `scripts/build/patch-http.ts`.
 */
export function choose<T>(own: Context, callOriginal: () => T): T {
  chosen = own;
  try {
    return callOriginal();
  } finally {
    chosen = undefined;
  }
}

/** Returns the context of the call of {@link choose} that runs at the moment. */
export function chosenContext(): Context | undefined {
  return chosen;
}
