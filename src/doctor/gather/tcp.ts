import { request } from 'node:http';
import type { Endpoint } from '../../daemon-address.ts';
import type { Answer, TcpFacts } from '../facts.ts';
import { codeOf } from './udp.ts';

/** Largest accepted response. Responses rarely exceed 100 KB. */
const MAX_BYTES = 5_000_000;
const LOOKUP_ERRORS = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EAI_NODATA', 'EAI_NONAME']);

/**
 * Calls an operation of X-Ray through the daemon's TCP port. By default reads the sampling rules, with
 * the same request as the sampler.
 *
 * @param timeoutMs time limit for the whole response
 */
export function tryTcp(
  endpoint: Endpoint,
  timeoutMs: number,
  now: () => number,
  path: string = '/GetSamplingRules',
): Promise<TcpFacts> {
  return new Promise((resolve) => {
    const call = request(
      {
        host: endpoint.host,
        port: endpoint.port,
        method: 'POST',
        path,
        headers: { 'content-type': 'application/json', 'content-length': 2, connection: 'close' },
        agent: false,
      },
      (response) => {
        const chunks: Buffer[] = [];
        let size = 0;
        response.on('data', (chunk: Buffer) => {
          size += chunk.length;
          if (size > MAX_BYTES) call.destroy();
          else chunks.push(chunk);
        });
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          const errorType = response.headers['x-amzn-errortype'];
          const answer: Answer = {
            status: response.statusCode ?? 0,
            body: parsed(text),
            errorType: typeof errorType === 'string' ? errorType : undefined,
            aheadMs: ahead(response.headers.date, now()),
          };
          resolve({ endpoint, outcome: 'answered', answer });
        });
        response.on('error', (error) => resolve(failed(endpoint, codeOf(error))));
      },
    );
    const timer = setTimeout(() => {
      resolve({ endpoint, outcome: 'timeout' });
      call.destroy();
    }, timeoutMs);
    call.on('close', () => clearTimeout(timer));
    call.on('error', (error) => resolve(failed(endpoint, codeOf(error))));
    call.end('{}');
  });
}

function failed(endpoint: Endpoint, error: string): TcpFacts {
  if (error === 'ECONNREFUSED') return { endpoint, outcome: 'refused', error };
  return { endpoint, outcome: LOOKUP_ERRORS.has(error) ? 'host-unknown' : 'failed', error };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** `Date` is truncated to seconds, so half a second is added to get the expected value. */
function ahead(date: string | undefined, now: number): number | undefined {
  const then = Date.parse(date ?? '');
  return Number.isNaN(then) ? undefined : now - (then + 500);
}
