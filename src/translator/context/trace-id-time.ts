import { traceIdSeconds } from '../values/ids.ts';
import type { Settings } from './options.ts';

/** X-Ray accepts trace ids of the last 28 days … */
const MAX_AGE_SECONDS = 2_419_200;
/** … and up to 5 minutes ahead of its clock. */
const MAX_AHEAD_SECONDS = 300;

/** Returns whether X-Ray accepts the time in this trace id now (R1.3). */
export function isTimely(traceId: string, settings: Settings): boolean {
  const age = settings.nowSeconds() - traceIdSeconds(traceId);
  return age <= MAX_AGE_SECONDS && age >= -MAX_AHEAD_SECONDS;
}

const checked = new WeakSet<Settings>();
/** Skips the look-up in the set: an app has one settings object. */
let lastChecked: Settings | undefined;

/**
 * Warns if the first trace id that is translated does not contain the current time, because the
 * ids are then not made for X-Ray (B-05).
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
