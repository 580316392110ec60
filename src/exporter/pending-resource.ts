/** The part of an SDK resource that reports whether resource detectors are still running. */
export interface PendingResource {
  readonly asyncAttributesPending?: boolean;
  waitForAsyncAttributes?(): Promise<void>;
}

/** Maximum time that spans wait for the detectors of a resource. */
const MAX_WAIT_MS = 2_000;

/**
 * Waits until all attributes of a resource are known, for at most two seconds.
 *
 * @returns `undefined` if all attributes are known already. The promise never rejects and does not
 *   keep the process alive.
 */
export function pendingAttributes(resource: PendingResource): Promise<unknown> | undefined {
  if (resource.asyncAttributesPending !== true) return undefined;
  const timeout = new Promise((resolve) => setTimeout(resolve, MAX_WAIT_MS).unref());
  return Promise.race([resource.waitForAsyncAttributes?.(), timeout]).catch(() => {});
}
