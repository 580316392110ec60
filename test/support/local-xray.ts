import { createSocket } from 'node:dgram';
import { XRay } from '@aws-sdk/client-xray';
import { FRAME_HEADER } from '../../src/exporter/encode/frame.ts';
import { type LocalXRayOptions, startXRay, type XRayFixture } from '../../src/testing.ts';

/** Options of `waitFor` on a slow machine. */
export const PATIENT = { timeoutMs: 100_000 };

/** A local X-Ray that closes at the end of the `using` scope, and an AWS client for it. */
export interface LocalXRayWithClient extends AsyncDisposable {
  readonly xray: XRayFixture;
  readonly client: XRay;
}

export async function startWithClient(
  options: LocalXRayOptions = {},
): Promise<LocalXRayWithClient> {
  const xray = await startXRay({ defaultRate: 0.05, region: 'eu-west-1', ...options });
  const client = awsClient(xray.url);
  return {
    xray,
    client,
    async [Symbol.asyncDispose]() {
      client.destroy();
      await xray.close();
    },
  };
}

export function awsClient(endpoint: string): XRay {
  return new XRay({
    endpoint,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
  });
}

/** Sends each text as one datagram. */
export async function sendDatagrams(
  port: number,
  texts: readonly (string | Buffer)[],
): Promise<void> {
  const socket = createSocket('udp4');
  for (const text of texts) {
    await new Promise((resolve) => socket.send(text, port, '127.0.0.1', resolve));
  }
  socket.close();
}

export function framed(document: object): string {
  return FRAME_HEADER + JSON.stringify(document);
}

/** Returns a trace id in X-Ray format that ends with the number. */
export function traceId(number: number): string {
  return `1-691e66c0-${number.toString(16).padStart(24, '0')}`;
}

/** Returns an id of 16 digits. */
export function entityId(number: number): string {
  return number.toString(16).padStart(16, '0');
}
