import { createSocket } from 'node:dgram';

/** Number of datagrams that the exporter writes together. */
const TOGETHER = 64;
const GATHER_MS = 4;

/** Part of a span processor that is used here. */
export interface SendAlone {
  onStart(): void;
  onEnd(span: unknown): void;
  forceFlush(): Promise<void>;
  shutdown(): Promise<void>;
}

/**
 * Minimum for a tracer that sends a datagram per request: sends prepared bytes for each local root, many
 * in a row.
 */
export function sendAlone(port: number, bytesPerRequest: number): SendAlone {
  const socket = createSocket({
    type: 'udp4',
    lookup: (host, _options, callback) => callback(null, host, 4),
  });
  socket.connect(port, '127.0.0.1');
  socket.unref();
  const ready = Buffer.alloc(TOGETHER * bytesPerRequest, 'a');
  let waiting = 0;
  let timer: NodeJS.Timeout | undefined;
  const sent = (): void => {};
  const send = (): void => {
    clearTimeout(timer);
    timer = undefined;
    for (; waiting > 0; waiting -= 1) {
      const start = (waiting % TOGETHER) * bytesPerRequest;
      socket.send(ready.subarray(start, start + bytesPerRequest), sent);
    }
  };
  return {
    onStart() {},
    onEnd(span) {
      const { parentSpanContext } = span as { parentSpanContext?: { isRemote?: boolean } };
      if (parentSpanContext !== undefined && parentSpanContext.isRemote !== true) return;
      waiting += 1;
      if (waiting === TOGETHER) send();
      else timer ??= setTimeout(send, GATHER_MS).unref();
    },
    forceFlush: async () => send(),
    shutdown: async () => send(),
  };
}
