import { traceIdSeconds } from '../values/ids.ts';
import type { Settings } from './options.ts';

/** X-Ray rejects trace ids that are older than 28 days. */
const MAX_AGE_SECONDS = 2_419_200;
/** X-Ray rejects trace ids that are more than 5 minutes ahead of its clock. */
const MAX_AHEAD_SECONDS = 300;

/** Returns whether X-Ray accepts the time in this trace id now (R1.3). */
export function isTimely(traceId: string, settings: Settings): boolean {
  const age = settings.nowSeconds() - traceIdSeconds(traceId);
  return age <= MAX_AGE_SECONDS && age >= -MAX_AHEAD_SECONDS;
}

const checked = new WeakSet<Settings>();
/** Avoids the lookup in the set, because an app usually has one settings object. */
let lastChecked: Settings | undefined;

/**
 * Warns if the first translated trace id does not contain the current time, because it was then not
 * created by an X-Ray id generator (B-05).
 */
export function checkFirstTraceId(traceId: string, settings: Settings): void {
  if (settings === lastChecked) return;
  lastChecked = settings;
  if (checked.has(settings)) return;
  checked.add(settings);
  if (isTimely(traceId, settings)) return;
  settings.onWarning(
    'trace ids do not start with the current time, so X-Ray may reject these traces; ' +
      'use the X-Ray id generator (AWSXRayIdGenerator) in every service',
  );
}
