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

/**
 * Delay between the first span and sending. At low rates, one turn of the event loop, with our code in
 * the processor's cache, and one wake-up of the receiver then serve several requests.
 */
const GATHER_MS = 100;
/** The same if many spans wait already, or a caller awaits the result. */
const SHORT_MS = 4;

export function createSliceScheduler(options: SliceSchedulerOptions): SliceScheduler {
  const { run, hasBurst, isAwaited, onTaskEnd } = options;
  let timer: NodeJS.Timeout | undefined;
  /** How long the timer waits for more spans; `undefined` if it waits for something else. */
  let gatherMs: number | undefined;
  let immediate: NodeJS.Immediate | undefined;
  let isMicrotaskQueued = false;

  const stop = () => {
    clearTimeout(timer);
    clearImmediate(immediate);
    timer = undefined;
    immediate = undefined;
    gatherMs = undefined;
  };
  const slice = () => {
    stop();
    run();
  };
  const later = (ms: number) => {
    timer = setTimeout(slice, ms);
    if (!isAwaited()) timer.unref();
  };
  const gather = (ms: number) => {
    stop();
    later(ms);
    gatherMs = ms;
  };
  const nextTurn = () => {
    stop();
    immediate = setImmediate(slice);
  };
  return {
    soon() {
      if (immediate !== undefined || isMicrotaskQueued) return;
      if (timer !== undefined && gatherMs === undefined) return;
      if (!onTaskEnd) {
        if (timer === undefined) gather(isAwaited() || hasBurst() ? SHORT_MS : GATHER_MS);
        else if (hasBurst()) nextTurn();
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
      if (gatherMs === GATHER_MS) gather(SHORT_MS);
      timer?.ref();
    },
    stop,
  };
}
