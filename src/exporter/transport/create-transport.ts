import { diag } from '@opentelemetry/api';
import type { Endpoint } from '../../daemon-address.ts';
import { infoOnce, warnOnce } from '../../diagnostics.ts';
import type { XRayApi } from '../../xray-api/api.ts';
import { apiFailure } from '../../xray-api/errors.ts';
import type { BatchWriter } from '../batch/batch-writer.ts';
import type { MutableCounters } from '../counters.ts';
import type { ApiLoopOptions } from './api-loop.ts';
import { apiTransport } from './api-transport.ts';
import { countDrops } from './count-drops.ts';
import type { ExporterDeps } from './deps.ts';
import { confirmMs } from './hold-state.ts';
import { createRateLimiter } from './rate-limiter.ts';
import { openReceiveQueueReader } from './receive-queue.ts';
import { createReceiverMonitor } from './receiver-monitor.ts';
import { SendLoop } from './send-loop.ts';
import { SendQueue } from './send-queue.ts';
import type { Transport } from './transport.ts';
import { openUdpClient } from './udp-client.ts';

export interface ApiOptions {
  /** `api`: always; `auto`: if the daemon refuses everything from the start. */
  readonly mode: 'auto' | 'api';
  /** Throws if the package that calls need is not installed. */
  readonly open: () => XRayApi;
  /** Called when `auto` has switched to the API. */
  readonly onChosen?: (() => void) | undefined;
}

export interface TransportOptions {
  readonly daemon: Endpoint;
  readonly lookUpMs: number;
  readonly bytesPerMs: number;
  readonly holdBytes: number;
  readonly flushOnTaskEnd: boolean;
  readonly api: ApiOptions | undefined;
  readonly dump: ((line: string) => void) | undefined;
  readonly deps: ExporterDeps;
  readonly batchWriter: BatchWriter;
  readonly counters: MutableCounters;
}

/** Interval of attempts to use the API while neither it nor a daemon is available. */
const RETRY_API_MS = 60_000;

/** Creates the transport to the daemon, to the API, or to the first of these that is available. */
export function createTransport(options: TransportOptions): Transport {
  const { api } = options;
  const queue = new SendQueue(options);
  if (api === undefined) return udpTransport(options, queue);
  if (api.mode === 'auto') return autoTransport(options, queue, api);
  try {
    return apiTransport(apiLoopOptions(options, queue, api.open()));
  } catch (error) {
    warnOnce(
      `OTEL_XRAY_TRANSPORT=api: ${(error as Error).message}; sending to the X-Ray daemon instead`,
    );
    return udpTransport(options, queue);
  }
}

/** Sends to the daemon; switches to the API permanently if there never was a daemon. */
function autoTransport(options: TransportOptions, queue: SendQueue, api: ApiOptions): Transport {
  const { now } = options.deps;
  let triedAtMs = Number.NEGATIVE_INFINITY;
  let isStopped = false;
  const changeOver = async (): Promise<void> => {
    try {
      const opened = api.open();
      await opened.checkCredentials();
      const where = await opened.where();
      if (isStopped) return;
      current.stop();
      current = apiTransport(apiLoopOptions(options, queue, opened));
      infoOnce(
        `no X-Ray daemon found; sending to X-Ray itself, ${where} (OTEL_XRAY_TRANSPORT=auto)`,
      );
      current.schedule();
      api.onChosen?.();
    } catch (error) {
      diag.debug(`otel-xray: no X-Ray daemon and no X-Ray API: ${apiFailure(error).text}`);
    }
  };
  const onUnreached = () => {
    if (now() - triedAtMs < RETRY_API_MS || isStopped) return;
    triedAtMs = now();
    changeOver();
  };
  let current: Transport = udpTransport(options, queue, onUnreached);
  return {
    writeAhead: () => current.writeAhead(),
    schedule: () => current.schedule(),
    flush: (timeoutMs) => current.flush(timeoutMs),
    whenSent: (timeoutMs) => current.whenSent(timeoutMs),
    flushSync: (deadlineMs) => current.flushSync(deadlineMs),
    stop() {
      isStopped = true;
      current.stop();
    },
  };
}

function apiLoopOptions(options: TransportOptions, queue: SendQueue, api: XRayApi): ApiLoopOptions {
  return { ...options, queue, api, now: options.deps.now };
}

function udpTransport(
  options: TransportOptions,
  queue: SendQueue,
  onUnreached?: () => void,
): Transport {
  const { bytesPerMs, counters, daemon, deps, lookUpMs } = options;
  // The client calls back while it opens.
  let loop: SendLoop | undefined;
  const client = openUdpClient(daemon, {
    ...deps,
    lookUpMs,
    onOpen: () => loop?.connected(),
    onError(error) {
      const { code = 'unknown' } = error;
      counters.sendErrors[code] = (counters.sendErrors[code] ?? 0) + 1;
      loop?.socketFailed(error);
    },
  });
  const read = openReceiveQueueReader(daemon, deps.openProc);
  const receiver = createReceiverMonitor(countDrops(read, counters));
  loop = new SendLoop({
    ...options,
    queue,
    client,
    receiver,
    rateLimiter: createRateLimiter(bytesPerMs, receiver),
    confirmMs: confirmMs(daemon.host),
    onUnreached,
    now: deps.now,
    sleep: deps.sleep,
  });
  return loop;
}
