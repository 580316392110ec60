export interface SliceSchedulerOptions {
  /** Runs a slice: sends for a short time. */
  readonly run: () => void;
  /** Whether enough is ready that waiting for more gains nothing. */
  readonly hasBurst: () => boolean;
  /** Whether a flush is pending, so that a timer has to keep the process alive. */
  readonly isAwaited: () => boolean;
  /** Runs at the end of the current task of the thread, instead of a few milliseconds later. */
  readonly onTaskEnd: boolean;
}

/** Decides in which turn of the event loop the next slice runs. */
export interface SliceScheduler {
  /** Call it when there is something to send. */
  soon(): void;
  /**
   * Runs the next slice in this or the next turn of the event loop. The immediate stays referenced:
   * an unreferenced one would let the event loop sleep until another event. It does not delay the
   * end of the process, as the loop does not wait before it runs.
   */
  nextTurn(): void;
  later(ms: number): void;
  /** A flush is pending now. */
  awaited(): void;
  stop(): void;
}

/** Delay between the first span and sending, so that one wake-up of the receiver serves many. */
const GATHER_MS = 4;

export function createSliceScheduler(options: SliceSchedulerOptions): SliceScheduler {
  const { run, hasBurst, isAwaited, onTaskEnd } = options;
  let timer: NodeJS.Timeout | undefined;
  /** Whether the timer waits for more spans, and not for the rate limiter or the socket. */
  let isGathering = false;
  let immediate: NodeJS.Immediate | undefined;
  let isMicrotaskQueued = false;

  const stop = () => {
    clearTimeout(timer);
    clearImmediate(immediate);
    timer = undefined;
    immediate = undefined;
    isGathering = false;
  };
  const slice = () => {
    stop();
    run();
  };
  const later = (ms: number) => {
    timer = setTimeout(slice, ms);
    if (!isAwaited()) timer.unref();
  };
  const nextTurn = () => {
    stop();
    immediate = setImmediate(slice);
  };
  return {
    soon() {
      if (immediate !== undefined || isMicrotaskQueued) return;
      if (timer !== undefined) {
        if (isGathering && hasBurst()) nextTurn();
        return;
      }
      if (!onTaskEnd) {
        later(GATHER_MS);
        isGathering = true;
        return;
      }
      isMicrotaskQueued = true;
      queueMicrotask(() => {
        isMicrotaskQueued = false;
        slice();
      });
    },
    nextTurn,
    later,
    awaited() {
      timer?.ref();
    },
    stop,
  };
}
