import type { Settings } from '../context/options.ts';
import { traceIdSeconds } from './ids.ts';

/** X-Ray takes trace ids of the last 28 days … */
const MAX_AGE_SECONDS = 2_419_200;
/** … and up to 5 minutes ahead of its clock. */
const MAX_AHEAD_SECONDS = 300;

/** Whether X-Ray would take this trace id now (R1.3). */
export function isTimely(traceId: string, settings: Settings): boolean {
  const age = settings.nowSeconds() - traceIdSeconds(traceId);
  return age <= MAX_AGE_SECONDS && age >= -MAX_AHEAD_SECONDS;
}

const watched = new WeakSet<Settings>();
/** The settings of an app are one object, and every span asks. */
let lastWatched: Settings | undefined;

/** Says once when the first trace id seen carries no time: then ids are not made for X-Ray (B-05). */
export function watchTraceIdTime(traceId: string, settings: Settings): void {
  if (settings === lastWatched) return;
  lastWatched = settings;
  if (watched.has(settings)) return;
  watched.add(settings);
  if (isTimely(traceId, settings)) return;
  settings.onWarning(
    'trace ids do not begin with the time, so X-Ray may refuse these traces; ' +
      'use the X-Ray id generator (AWSXRayIdGenerator) in every service',
  );
}
