import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { runFunction } from './lambda-process.ts';
import { scaled } from './quick.ts';
import type { Sink } from './sink.ts';
import { median } from './start.ts';

const STARTS = scaled(7, 3);
const INVOCATIONS = scaled(600, 300);

/** An invocation, in milliseconds; see `subjects/lambda-runtime.cjs`. */
interface Invocation {
  /** From the start of the process to the handler. */
  readonly entered: number;
  /** From the call to the handler. */
  readonly before: number;
  /** When the handler ended, on the clock of the machine. */
  readonly left: number;
  /** When the response was there. */
  readonly answered: number;
}

/** The first invocation of a process, and all later ones. */
interface FunctionRun extends Invocation {
  readonly warm: readonly Invocation[];
}

/** Returns the time that a subject adds until the handler runs; subject and bare function alternate. */
export async function addedToColdStart(subject: string, sink: Sink): Promise<number> {
  const bare: number[] = [];
  const traced: number[] = [];
  for (let start = 0; start < STARTS; start += 1) {
    bare.push((await runOnce('bare', sink)).entered);
    traced.push((await runOnce(subject, sink)).entered);
  }
  return median(traced) - median(bare);
}

/** Returns how long the first response waits until its trace is sent. */
export async function firstFlush(subject: string, sink: Sink): Promise<number> {
  const flushes: number[] = [];
  for (let start = 0; start < STARTS; start += 1) {
    const { left, answered } = await runOnce(subject, sink);
    flushes.push(answered - left);
  }
  return median(flushes);
}

function runOnce(subject: string, sink: Sink): Promise<FunctionRun> {
  return runFunction<FunctionRun>(subject, sink, 1);
}

/** Returns the microseconds that a subject adds to the median invocation of a warm function. */
export async function addedToInvocation(subject: string, sink: Sink): Promise<number> {
  const around = async (of: string): Promise<number> => {
    const { warm } = await runFunction<FunctionRun>(of, sink, INVOCATIONS);
    return medianWhenWarm(warm.map(({ before, left, answered }) => before + answered - left));
  };
  return (await around(subject)) - (await around('bare'));
}

/**
 * Returns the microseconds that the median invocation takes, without its handler, until both its response is there
 * and its trace has arrived at a socket.
 *
 * @throws {Error} if a subject does not send one datagram for each invocation
 */
export async function invocationUntilArrival(subject: string, sink: Sink): Promise<number> {
  const arrivals: number[] = [];
  const socket = createSocket('udp4', () => arrivals.push(Number(process.hrtime.bigint()) / 1e6));
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const take = () => ({ datagrams: arrivals.length, bytes: 0, posts: 0 });
  const timed: Sink = { ...sink, udpPort: socket.address().port, take };
  try {
    const { warm } = await runFunction<FunctionRun>(subject, timed, INVOCATIONS);
    if (arrivals.length !== INVOCATIONS) {
      throw new Error(`${subject}: ${arrivals.length} datagrams of ${INVOCATIONS} invocations`);
    }
    const ofWarm = arrivals.slice(-warm.length);
    return medianWhenWarm(
      warm.map(({ before, left, answered }, index) => {
        return before + Math.max(answered, ofWarm[index] ?? answered) - left;
      }),
    );
  } finally {
    socket.close();
  }
}

/** The median of the last half in microseconds, when the code is compiled as far as it will be. */
function medianWhenWarm(milliseconds: readonly number[]): number {
  return median(milliseconds.slice(milliseconds.length / 2)) * 1_000;
}
