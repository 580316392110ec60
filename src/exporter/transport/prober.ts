import type { HoldState } from './hold-state.ts';

export interface ProberOptions {
  readonly hold: HoldState;
  readonly now: () => number;
  /** Sends one datagram; `false` if there is none or no socket. */
  readonly send: (nowMs: number) => boolean;
  /** A probe was received. */
  readonly onReceived: () => void;
}

/**
 * Probes for the daemon when the hold state requires it. Its timers do not keep the process alive.
 */
export interface Prober {
  /** Sets the timer for the next action of the hold state. */
  arm(): void;
  /**
   * Probes immediately if datagrams are held: a flush is pending, or the daemon's address changed.
   */
  probeNow(): void;
  stop(): void;
}

export function createProber({ hold, now, send, onReceived }: ProberOptions): Prober {
  let timer: NodeJS.Timeout | undefined;

  const arm = () => {
    clearTimeout(timer);
    const delayMs = hold.nextMs - now();
    if (Number.isFinite(delayMs)) timer = setTimeout(next, Math.max(1, delayMs)).unref();
  };
  const next = () => {
    // A refusal that has arrived already is reported before the immediate runs.
    if (hold.mode === 'probing') setImmediate(confirm);
    else probe();
  };
  const probe = () => {
    const nowMs = now();
    // Before the send, because its refusal may be reported immediately.
    hold.probed(nowMs);
    if (!send(nowMs)) hold.resume();
    arm();
  };
  const confirm = () => {
    hold.update(now());
    if (hold.mode === 'sending') onReceived();
    else arm();
  };
  return {
    arm,
    probeNow() {
      if (hold.mode === 'holding') probe();
    },
    stop: () => clearTimeout(timer),
  };
}
