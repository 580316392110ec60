import type { request as httpRequest, IncomingMessage } from 'node:http';
import { realHttp } from '../real-http.ts';
import { untraced } from '../untraced.ts';
import type { MetadataRequest } from './detector.ts';

const MAX_BYTES = 262_144;

/**
 * Sends one small HTTP request, untraced, that never keeps the process alive.
 *
 * `node:http` is loaded at the first call, `node:https` only for an `https:` address.
 *
 * @param timeoutMs from the call to the last byte, unless the request has a shorter one
 * @returns the body of a 2xx answer
 * @throws {Error} the message names method, address and what went wrong
 */
export async function fetchText(request: MetadataRequest, timeoutMs: number): Promise<string> {
  const name = `${request.method ?? 'GET'} ${request.url}`;
  const { request: open } = realHttp(request.url.startsWith('https:') ? 'https' : 'http');
  const ownLimitMs = Math.min(request.limitMs ?? timeoutMs, timeoutMs);
  return untraced(() => exchange(open, request, ownLimitMs)).catch((error) => {
    throw new Error(`${name}: ${error instanceof Error ? error.message || error.name : error}`);
  });
}

function exchange(
  open: typeof httpRequest,
  { url, method = 'GET', headers = {}, ca }: MetadataRequest,
  limitMs: number,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => {
      reject(error);
      outgoing.destroy();
    };
    const options = { method, headers, agent: false, ...(ca === undefined ? {} : { ca }) };
    const outgoing = open(url, options, (incoming) => {
      const status = incoming.statusCode ?? 0;
      if (status < 200 || status > 299) fail(new Error(`status ${status}`));
      else readAll(incoming).then(resolve, fail);
    });
    const timer = setTimeout(() => fail(new Error(`no response within ${limitMs} ms`)), limitMs);
    timer.unref();
    outgoing.on('socket', (socket) => socket.unref());
    outgoing.on('error', fail);
    outgoing.on('close', () => clearTimeout(timer));
    outgoing.end();
  });
}

async function readAll(incoming: IncomingMessage): Promise<string> {
  incoming.setEncoding('utf8');
  let text = '';
  for await (const chunk of incoming) {
    text += chunk;
    if (text.length > MAX_BYTES) throw new Error(`the response is longer than ${MAX_BYTES} bytes`);
  }
  return text;
}
