import { createSocket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import type { Endpoint } from '../../daemon-address.ts';
import { FRAME_HEADER } from '../../exporter/encode/frame.ts';
import type { SegmentDocument } from '../../translator/document.ts';
import type { UdpFacts } from '../facts.ts';

/** How long to wait for an ICMP rejection, in milliseconds. It takes < 1 ms on the loopback. */
const ANSWER_MS = 250;

/**
 * Sends one document, and waits for the ICMP "port unreachable" message of a host without a daemon.
 *
 * The message is reported only on a connected socket, and some firewalls drop it.
 */
export async function tryUdp(
  endpoint: Endpoint,
  document: SegmentDocument & { readonly trace_id: string },
): Promise<UdpFacts> {
  let address: string;
  let family: number;
  try {
    ({ address, family } = await lookup(endpoint.host));
  } catch (error) {
    return { endpoint, outcome: 'host-unknown', error: codeOf(error) };
  }
  const error = await refusal(family === 6 ? 'udp6' : 'udp4', address, endpoint.port, document);
  if (error === undefined) return { endpoint, outcome: 'silent', traceId: document.trace_id };
  return { endpoint, outcome: error === 'ECONNREFUSED' ? 'refused' : 'failed', error };
}

function refusal(
  type: 'udp4' | 'udp6',
  address: string,
  port: number,
  document: SegmentDocument,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket(type);
    let isOver = false;
    const end = (code: string | undefined): void => {
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      socket.removeAllListeners('error').on('error', () => {});
      socket.close();
      resolve(code);
    };
    // A refusal that arrived while the event loop was blocked is read in this turn, before the immediate.
    const timer = setTimeout(() => setImmediate(end, undefined), ANSWER_MS);
    socket.on('error', (error) => end(codeOf(error)));
    socket.connect(port, address, () => {
      socket.send(FRAME_HEADER + JSON.stringify(document), (error) => {
        if (error) end(codeOf(error));
      });
    });
  });
}

/** Returns the code of a system error, or the message if it has none. */
export function codeOf(error: unknown): string {
  const { code, message } = error as { code?: unknown; message?: unknown };
  return String(code ?? message ?? error);
}
