import { runFunction } from './lambda-process.ts';
import { scaled } from './quick.ts';
import type { Sink } from './sink.ts';
import { median } from './start.ts';

const STARTS = scaled(7, 3);
const INVOCATIONS = scaled(600, 300);

/** Milliseconds from the start of the process to the handler, and from its end to the response. */
interface ColdStart {
  readonly entered: number;
  readonly flush: number;
}

/** Returns the time that a subject adds until the handler runs; subject and bare function alternate. */
export async function addedToColdStart(subject: string, sink: Sink): Promise<number> {
  const bare: number[] = [];
  const traced: number[] = [];
  for (let start = 0; start < STARTS; start += 1) {
    bare.push((await once('bare', sink)).entered);
    traced.push((await once(subject, sink)).entered);
  }
  return median(traced) - median(bare);
}

/** Returns how long the first response waits until its trace is sent. */
export async function firstFlush(subject: string, sink: Sink): Promise<number> {
  const flushes: number[] = [];
  for (let start = 0; start < STARTS; start += 1) flushes.push((await once(subject, sink)).flush);
  return median(flushes);
}

function once(subject: string, sink: Sink): Promise<ColdStart> {
  return runFunction<ColdStart>(subject, sink, 1);
}

/** Returns the microseconds that a subject adds to the median invocation of a warm function. */
export async function addedToInvocation(subject: string, sink: Sink): Promise<number> {
  const around = async (of: string): Promise<number> =>
    (await runFunction<{ readonly around: number }>(of, sink, INVOCATIONS)).around * 1_000;
  return (await around(subject)) - (await around('bare'));
}
