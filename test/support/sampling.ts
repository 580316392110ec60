import type { Client, Reply } from '../../src/sampler/client.ts';
import type { Schedule } from '../../src/sampler/poller.ts';
import type { Clock } from '../../src/sampler/reservoir.ts';

/** A manual clock for wall and monotonic time; timers run when their time is reached. */
export interface FakeTime extends Clock {
  readonly schedule: Schedule;
  readonly nowMs: number;
  /** Advances the clock, runs due timers, and lets responses arrive in between. */
  advance(ms: number): Promise<void>;
  /** Advances the clock without running timers. */
  set(ms: number): void;
}

export function fakeTime(startMs: number = 0): FakeTime {
  let nowMs = startMs;
  let timers: { run: () => void; atMs: number }[] = [];
  return {
    wallMs: () => nowMs,
    steadyMs: () => nowMs,
    get nowMs() {
      return nowMs;
    },
    set(ms) {
      nowMs = ms;
    },
    schedule(run, delayMs) {
      const timer = { run, atMs: nowMs + delayMs };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    async advance(ms) {
      const endMs = nowMs + ms;
      for (;;) {
        await settled();
        const next = timers.reduce<(typeof timers)[number] | undefined>(
          (first, timer) => (first === undefined || timer.atMs < first.atMs ? timer : first),
          undefined,
        );
        if (next === undefined || next.atMs > endMs) break;
        timers = timers.filter((other) => other !== next);
        nowMs = Math.max(nowMs, next.atMs);
        next.run();
      }
      nowMs = endMs;
      await settled();
    },
  };
}

/** Waits until all resolved promises have run their callbacks. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 20; i += 1) await Promise.resolve();
}

/** One call of the sampler, with functions to answer it. */
export interface FakeCall {
  readonly path: string;
  readonly body: string;
  readonly limitMs: number;
  reply(body: unknown, more?: FakeReply): void;
  fail(message: string): void;
}

export interface FakeReply {
  readonly status?: number;
  readonly serverSeconds?: number | undefined;
}

export type Answer = (call: FakeCall) => void;

export interface FakeXRay extends Client {
  readonly calls: readonly FakeCall[];
  /** Calls by path. */
  callsTo(path: string): readonly FakeCall[];
  /** Answers subsequent calls; before, and after `undefined`, they wait. */
  answer(by: Answer | undefined): void;
  readonly isClosed: boolean;
}

/** An in-memory X-Ray service. */
export function fakeXRay(clock: Clock): FakeXRay {
  const calls: FakeCall[] = [];
  let answer: Answer | undefined;
  let isClosed = false;
  return {
    calls,
    callsTo: (path) => calls.filter((call) => call.path === path),
    answer(by) {
      answer = by;
    },
    get isClosed() {
      return isClosed;
    },
    close() {
      isClosed = true;
    },
    post(path, body, limitMs) {
      return new Promise<Reply>((resolve, reject) => {
        const call: FakeCall = {
          path,
          body,
          limitMs,
          reply(value, { status = 200, serverSeconds } = {}) {
            resolve({
              status,
              body: typeof value === 'string' ? value : JSON.stringify(value),
              time: { serverSeconds, localSeconds: clock.wallMs() / 1000 },
            });
          },
          fail: (message) => reject(new Error(message)),
        };
        calls.push(call);
        answer?.(call);
      });
    },
  };
}

/** Returns a response to GetSamplingRules. */
export function rulesReply(...rules: readonly unknown[]): unknown {
  return { NextToken: null, SamplingRuleRecords: rules.map((SamplingRule) => ({ SamplingRule })) };
}

/** Returns the counts in a target call. */
export function reported(call: FakeCall): {
  readonly SamplingStatisticsDocuments: readonly {
    readonly ClientID: string;
    readonly RuleName: string;
    readonly Timestamp: number;
    readonly RequestCount: number;
    readonly SampledCount: number;
    readonly BorrowCount: number;
  }[];
} {
  return JSON.parse(call.body);
}

/** Returns trace ids like X-Ray's generator: a fixed second and random digits. */
export function traceIds(seed: number): () => string {
  let state = seed >>> 0 || 1;
  const next = () => {
    state ^= state << 13;
    state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state.toString(16).padStart(8, '0');
  };
  return () => `5759e988${next()}${next()}${next()}`;
}
