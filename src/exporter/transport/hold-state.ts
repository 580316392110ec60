/**
 * Decides when to send while the daemon may be unavailable. Has no timers: events and the current
 * time are arguments.
 *
 * `sending` → a send was refused → `holding` → the delay is over, one datagram is sent → `probing` →
 * refused again: `holding` with a longer delay; not refused in time: `sending`.
 */
export interface HoldState {
  readonly mode: 'sending' | 'holding' | 'probing';
  /** A datagram was sent. */
  sent(nowMs: number): void;
  /** Milliseconds for which every datagram was refused, if none was ever received; otherwise 0. */
  unreachedMs(nowMs: number): number;
  /** The kernel reported that nothing receives our datagrams. */
  refused(nowMs: number): void;
  /** A probe was sent: one datagram, to detect whether the daemon is available again. */
  probed(nowMs: number): void;
  /** Returns to `sending` if a probe was not refused in time. */
  update(nowMs: number): void;
  /** Stops holding: at the end of the process, or if no datagram is left for a probe. */
  resume(): void;
  /** Time of the next probe, or at which a probe counts as received; `Infinity` while sending. */
  readonly nextMs: number;
}

/** Delay before the first probe. */
const FIRST_PROBE_MS = 100;
/** Longest delay between two probes. */
const MAX_PROBE_MS = 1_000;
/** A refusal within this time after sending was resumed continues with the longer delay. */
const RELAPSE_MS = 2_000;
/** If nothing is refused for this long, the daemon has received something. */
const REACHED_MS = 1_000;

const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'ENETDOWN',
  'ENETUNREACH',
]);

/** Returns whether an error means that nothing currently receives our datagrams. */
export function isUnreachable({ code = '' }: NodeJS.ErrnoException): boolean {
  return UNREACHABLE.has(code);
}

/** On the loopback interface the refusal arrives before `send` returns. */
const LOOPBACK_CONFIRM_MS = 20;
/** From another host it takes a round trip. */
const REMOTE_CONFIRM_MS = 250;

/**
 * Returns the milliseconds after which a datagram to this host was received if it was not refused.
 */
export function confirmMs(host: string): number {
  const isLoopback = /^(?:localhost|127\.[\d.]+|::1)$/.test(host);
  return isLoopback ? LOOPBACK_CONFIRM_MS : REMOTE_CONFIRM_MS;
}

/**
 * @param confirmMs a probe was received if it is not refused for this long; see {@link confirmMs}
 */
export function createHoldState(confirmMs: number): HoldState {
  let mode: HoldState['mode'] = 'sending';
  let delayMs = FIRST_PROBE_MS;
  let nextMs = Number.POSITIVE_INFINITY;
  let resumedAtMs = Number.NEGATIVE_INFINITY;
  let firstSentMs: number | undefined;
  let firstRefusedMs: number | undefined;
  let wasReached = false;

  const resume = () => {
    mode = 'sending';
    nextMs = Number.POSITIVE_INFINITY;
  };
  return {
    get mode() {
      return mode;
    },
    get nextMs() {
      return nextMs;
    },
    sent(nowMs) {
      firstSentMs ??= nowMs;
    },
    unreachedMs: (nowMs) => (wasReached ? 0 : nowMs - (firstRefusedMs ?? nowMs)),
    refused(nowMs) {
      wasReached ||= firstRefusedMs === undefined && nowMs - (firstSentMs ?? nowMs) > REACHED_MS;
      firstRefusedMs ??= nowMs;
      if (mode === 'holding') return;
      const isRelapse = mode === 'probing' || nowMs - resumedAtMs < RELAPSE_MS;
      delayMs = isRelapse ? Math.min(delayMs * 2, MAX_PROBE_MS) : FIRST_PROBE_MS;
      mode = 'holding';
      nextMs = nowMs + delayMs;
    },
    probed(nowMs) {
      mode = 'probing';
      nextMs = nowMs + confirmMs;
    },
    update(nowMs) {
      if (mode !== 'probing' || nowMs < nextMs) return;
      resume();
      wasReached = true;
      resumedAtMs = nowMs;
    },
    resume,
  };
}

/** Limits how fast held datagrams are sent when the daemon is back. */
export interface DrainLimiter {
  /** @param written datagrams written so far, old and new */
  tryAcquire(written: number, nowMs: number): boolean;
}

/**
 * Held datagrams sent per millisecond, in addition to new ones. The daemon passes documents on in
 * batches of 50 and drops its oldest batch when 20 of them wait.
 */
const DRAIN_PER_MS = 2;
const DRAIN_BURST = 16;

/** After this time without a call, the limiter starts again. */
const DRAIN_IDLE_MS = 100;

/** Creates a token bucket that fills with time and with every new datagram. */
export function createDrainLimiter(): DrainLimiter {
  let tokens = DRAIN_BURST;
  let filledAtMs = Number.NEGATIVE_INFINITY;
  let writtenBefore = 0;
  return {
    tryAcquire(written, nowMs) {
      const elapsedMs = Math.max(0, nowMs - filledAtMs);
      if (elapsedMs > DRAIN_IDLE_MS) writtenBefore = written;
      const refilled = Math.min(DRAIN_BURST, tokens + elapsedMs * DRAIN_PER_MS);
      tokens = Math.max(tokens, refilled) + written - writtenBefore;
      filledAtMs = nowMs;
      writtenBefore = written;
      if (tokens < 1) return false;
      tokens -= 1;
      return true;
    },
  };
}
