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
  return new DaemonHoldState(confirmMs);
}

/** A class, because V8 looks up each member of a literal with getters by its name. */
class DaemonHoldState implements HoldState {
  mode: HoldState['mode'] = 'sending';
  nextMs: number = Number.POSITIVE_INFINITY;
  readonly #confirmMs: number;
  #delayMs = FIRST_PROBE_MS;
  #resumedAtMs = Number.NEGATIVE_INFINITY;
  #firstSentMs: number | undefined;
  #firstRefusedMs: number | undefined;
  #wasReached = false;

  constructor(confirmMs: number) {
    this.#confirmMs = confirmMs;
  }

  sent(nowMs: number): void {
    this.#firstSentMs ??= nowMs;
  }

  unreachedMs(nowMs: number): number {
    return this.#wasReached ? 0 : nowMs - (this.#firstRefusedMs ?? nowMs);
  }

  refused(nowMs: number): void {
    this.#wasReached ||=
      this.#firstRefusedMs === undefined && nowMs - (this.#firstSentMs ?? nowMs) > REACHED_MS;
    this.#firstRefusedMs ??= nowMs;
    if (this.mode === 'holding') return;
    const isRelapse = this.mode === 'probing' || nowMs - this.#resumedAtMs < RELAPSE_MS;
    this.#delayMs = isRelapse ? Math.min(this.#delayMs * 2, MAX_PROBE_MS) : FIRST_PROBE_MS;
    this.mode = 'holding';
    this.nextMs = nowMs + this.#delayMs;
  }

  probed(nowMs: number): void {
    this.mode = 'probing';
    this.nextMs = nowMs + this.#confirmMs;
  }

  update(nowMs: number): void {
    if (this.mode !== 'probing' || nowMs < this.nextMs) return;
    this.resume();
    this.#wasReached = true;
    this.#resumedAtMs = nowMs;
  }

  resume(): void {
    this.mode = 'sending';
    this.nextMs = Number.POSITIVE_INFINITY;
  }
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
