import type { BatchWriter } from '../batch/batch-writer.ts';
import type { MutableCounters } from '../counters.ts';
import type { RateLimiter } from './rate-limiter.ts';
import type { ReceiverMonitor } from './receiver-monitor.ts';
import type { SendQueue } from './send-queue.ts';
import type { UdpClient } from './udp-client.ts';

export interface SendLoopOptions {
  readonly batchWriter: BatchWriter;
  readonly queue: SendQueue;
  readonly client: UdpClient;
  readonly rateLimiter: RateLimiter;
  readonly receiver: ReceiverMonitor;
  readonly counters: MutableCounters;
  /** Limit in bytes for encoded datagrams while the daemon is unavailable. */
  readonly holdBytes: number;
  /** A datagram was received if it is not refused for this many milliseconds. */
  readonly confirmMs: number;
  /** Sends at the end of the current task of the thread, instead of a few milliseconds later. */
  readonly flushOnTaskEnd: boolean;
  readonly dump: ((line: string) => void) | undefined;
  /** Called repeatedly if there never was a daemon. */
  readonly onUnreached?: (() => void) | undefined;
  readonly now: () => number;
  readonly sleep: (ms: number) => void;
}
