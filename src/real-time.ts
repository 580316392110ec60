/**
 * The timers and clocks of Node, read when tracing starts. Tests of an app replace the global ones by
 * fakes, where timers of ours would be run and counted, and where spans would start in 1970.
 *
 * The build makes every module of the package use these in place of the globals.
 *
 * @see scripts/build/real-time.ts
 */
export const setTimeout: typeof globalThis.setTimeout = globalThis.setTimeout;
export const clearTimeout: typeof globalThis.clearTimeout = globalThis.clearTimeout;
export const setInterval: typeof globalThis.setInterval = globalThis.setInterval;
export const clearInterval: typeof globalThis.clearInterval = globalThis.clearInterval;
export const setImmediate: typeof globalThis.setImmediate = globalThis.setImmediate;
export const clearImmediate: typeof globalThis.clearImmediate = globalThis.clearImmediate;
export const queueMicrotask: typeof globalThis.queueMicrotask = globalThis.queueMicrotask;
export const nextTick: typeof process.nextTick = process.nextTick;
export const dateNow: () => number = Date.now;

type Clock = Pick<typeof globalThis.performance, 'now' | 'timeOrigin'>;

/** A getter that loads seven modules, which takes 1.7 ms. It is called by the first span. */
const clock = Object.getOwnPropertyDescriptor(globalThis, 'performance');
let real: Clock | undefined;
let origin: number | undefined;

function realPerformance(): Clock {
  real ??= (clock?.get === undefined ? clock?.value : clock.get.call(globalThis)) as Clock;
  return real;
}

/** The time origin is read once: every span needs it, and the getter takes as long as a clock. */
export const performance: Clock = {
  now: () => realPerformance().now(),
  get timeOrigin(): number {
    origin ??= realPerformance().timeOrigin;
    return origin;
  },
};
