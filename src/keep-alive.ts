/**
 * Our sockets and timers never keep the process alive. If an app awaits one of our promises at the
 * top level, Node would therefore end the program before the promise settles, with exit code 13.
 * These functions keep the process alive until then. The work behind the promise must be bounded.
 */

/** The longest delay of a Node.js timer, in milliseconds. */
const MAX_DELAY_MS = 2_147_483_647;

/** Keeps the process alive until the promise settles. */
export function keepAlive<T>(promise: Promise<T>): Promise<T> {
  const timer = setInterval(() => {}, MAX_DELAY_MS);
  return promise.finally(() => clearInterval(timer));
}

/**
 * Waits for a promise that may never settle, and keeps the process alive meanwhile.
 *
 * @returns `true` if the promise was fulfilled, `false` if it was rejected or the time is up
 */
export async function fulfilledWithin(
  promise: Promise<unknown>,
  timeoutMs: number,
): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<false>((resolve) => {
    timer = setTimeout(resolve, Math.min(timeoutMs, MAX_DELAY_MS), false);
  });
  const done = promise.then(
    () => true,
    () => false,
  );
  try {
    return await Promise.race([done, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
