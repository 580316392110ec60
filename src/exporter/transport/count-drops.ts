import { warnOnce } from '../../diagnostics.ts';
import type { MutableCounters } from '../counters.ts';
import type { ReadReceiveQueue } from './receive-queue.ts';

/**
 * Returns a reader that also counts the datagrams that the receiver's socket has dropped since the
 * previous reading.
 */
export function countDrops(
  read: ReadReceiveQueue | undefined,
  counters: MutableCounters,
): ReadReceiveQueue | undefined {
  if (read === undefined) return undefined;
  let dropsBefore: number | undefined;
  return () => {
    const state = read();
    if (state === undefined) return undefined;
    // A smaller number is that of a new socket.
    const dropped = state.drops - (dropsBefore ?? state.drops);
    dropsBefore = state.drops;
    if (dropped > 0) {
      counters.receiverDrops += dropped;
      warnOnce(
        'the X-Ray daemon reads too slowly: its socket buffer was full and dropped datagrams of this or another ' +
          "program; lower the sampling rate, or raise net.core.rmem_default on the daemon's host",
      );
    }
    return state;
  };
}
