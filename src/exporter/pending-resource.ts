/** The part of an SDK resource that tells whether detectors still work on it. */
export interface PendingResource {
  readonly asyncAttributesPending?: boolean;
  waitForAsyncAttributes?(): Promise<void>;
}

/** The longest time that spans wait for the detectors of a resource. */
const MAX_WAIT_MS = 2_000;

/**
 * Waits until all attributes of a resource are known, two seconds at most.
 *
 * @returns `undefined` if they are known already. The promise never rejects and does not keep the
 *   process alive.
 */
export function pendingAttributes(resource: PendingResource): Promise<unknown> | undefined {
  if (resource.asyncAttributesPending !== true) return undefined;
  const timeout = new Promise((resolve) => setTimeout(resolve, MAX_WAIT_MS).unref());
  return Promise.race([resource.waitForAsyncAttributes?.(), timeout]).catch(() => {});
}
