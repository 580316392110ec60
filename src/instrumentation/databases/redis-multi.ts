let isPatched = false;

/** Returns whether an instrumentation records the commands of a `MULTI` of node-redis. */
export function isMultiPatched(): boolean {
  return isPatched;
}

export function noteMultiPatched(): void {
  isPatched = true;
}
