import { createSocket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import type { Endpoint } from '../../daemon-address.ts';
import { FRAME_HEADER } from '../../exporter/encode/frame.ts';
import type { SegmentDocument } from '../../translator/document.ts';
import type { UdpFacts } from '../facts.ts';

/** Time for "nobody listens here" to come back, milliseconds; the loopback takes less than one. */
const ANSWER_MS = 250;

/**
 * Sends one document, and listens for the refusal that a machine sends when nobody takes it.
 *
 * The refusal comes back on a connected socket only, and not through every firewall.
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
    const end = (code: string | undefined): void => {
      clearTimeout(timer);
      socket.removeAllListeners('error').on('error', () => {});
      socket.close();
      resolve(code);
    };
    const timer = setTimeout(end, ANSWER_MS, undefined);
    socket.on('error', (error) => end(codeOf(error)));
    socket.connect(port, address, () => {
      socket.send(FRAME_HEADER + JSON.stringify(document), (error) => {
        if (error) end(codeOf(error));
      });
    });
  });
}

/** The code of a system error, or its message. */
export function codeOf(error: unknown): string {
  const { code, message } = error as { code?: unknown; message?: unknown };
  return String(code ?? message ?? error);
}
