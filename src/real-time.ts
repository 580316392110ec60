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

/** Reads of the clock after which `performance` of Node loads, which is read three times as fast. */
const EARLY_READS = 2_000;

const { hrtime } = process;
/** A getter that loads seven modules, which takes 1.7 ms. */
const descriptor = Object.getOwnPropertyDescriptor(globalThis, 'performance');
let real = descriptor?.get === undefined ? (descriptor?.value as Clock) : undefined;
/** Milliseconds by which our clock is ahead of that of Node. */
let aheadMs = 0;
let earlyReads = 0;
let origin: number | undefined;

function realPerformance(): Clock {
  if (real === undefined) {
    const loaded: Clock = descriptor?.get?.call(globalThis);
    // Node's clock is read first, so that ours never goes back.
    aheadMs = -loaded.now() + hrtimeMs();
    real = loaded;
  }
  return real;
}

function hrtimeMs(): number {
  const [seconds, nanoseconds] = hrtime();
  return seconds * 1_000 + nanoseconds / 1e6;
}

/** Loads the modules of `performance` now, not within a later request. */
export function loadClock(): void {
  realPerformance();
}

interface RealPerformance extends Clock {
  /** Returns the time of Node's clock. */
  nodeNow(): number;
  /** Returns the time of our clock at a time of Node's clock. */
  atNodeTime(ms: number): number;
}

/** A class, because V8 looks up each member of a literal with a getter by its name. */
class SteadyClock implements RealPerformance {
  now(): number {
    if (real !== undefined) return real.now() + aheadMs;
    earlyReads += 1;
    return earlyReads <= EARLY_READS ? hrtimeMs() : realPerformance().now() + aheadMs;
  }

  /** Read once: the getter of Node takes as long as a clock. */
  get timeOrigin(): number {
    origin ??=
      descriptor?.get === undefined ? realPerformance().timeOrigin : dateNow() - this.now();
    return origin;
  }

  nodeNow(): number {
    return realPerformance().now();
  }

  atNodeTime(ms: number): number {
    realPerformance();
    return ms + aheadMs;
  }
}

/**
 * A monotonic clock, which is that of Node with another zero: its first reads need nothing that is not
 * loaded yet. The first request of a program, or the first invocation of a function, waits for them.
 */
export const performance: RealPerformance = new SteadyClock();
