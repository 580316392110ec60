let flush: (() => void) | undefined;

/** Registers how this thread sends its finished spans without waiting. */
export function setThreadFlush(next: (() => void) | undefined): void {
  flush = next;
}

/** Sends the finished spans of a thread that is about to be blocked or terminated. */
export function flushThread(): void {
  flush?.();
}
