import type { Client, Reply } from '../sampler/client.ts';
import type { XRayApi } from './api.ts';
import { apiFailure } from './errors.ts';

/**
 * Answers the sampler's two calls from X-Ray itself, in the form the daemon's proxy has.
 *
 * @param open returns the API; throws if it cannot be loaded
 */
export function apiSamplingClient(open: () => XRayApi, wallMs: () => number): Client {
  return {
    async post(path, body, limitMs) {
      const input = JSON.parse(body) as Record<string, unknown>;
      const output = await withLimit(answer(open(), path, input), limitMs);
      return { status: 200, body: toWire(output), time: replyTime(wallMs) };
    },
    close() {},
  };
}

async function answer(api: XRayApi, path: string, input: Record<string, unknown>) {
  try {
    if (path === '/GetSamplingRules') return await api.getSamplingRules(input);
    return await api.getSamplingTargets(withDates(input) as never);
  } catch (error) {
    const { kind, text } = apiFailure(error);
    if (kind === 'denied')
      throw new Error(`${text}; allow xray:GetSamplingRules and xray:GetSamplingTargets`);
    throw new Error(text);
  }
}

/** The AWS client takes a `Date` where the call has epoch seconds. */
function withDates(input: Record<string, unknown>): Record<string, unknown> {
  const dated = (documents: unknown) =>
    Array.isArray(documents)
      ? documents.map((document) => ({
          ...document,
          Timestamp: new Date(document.Timestamp * 1e3),
        }))
      : undefined;
  return {
    SamplingStatisticsDocuments: dated(input['SamplingStatisticsDocuments']) ?? [],
    SamplingBoostStatisticsDocuments: dated(input['SamplingBoostStatisticsDocuments']),
  };
}

/** The AWS client returns a `Date` where the reply has epoch seconds. */
function toWire(output: object): string {
  return JSON.stringify(output, function (this: Record<string, unknown>, key, value) {
    if (key === '$metadata') return undefined;
    const original = this[key];
    return original instanceof Date ? original.getTime() / 1_000 : value;
  });
}

/** The AWS client corrects its own clock; the reply's `Date` header is not among its results. */
function replyTime(wallMs: () => number): Reply['time'] {
  return { serverSeconds: undefined, localSeconds: wallMs() / 1_000 };
}

function withLimit<T>(work: Promise<T>, limitMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(new Error(`no response within ${limitMs} ms`));
    const timer = setTimeout(giveUp, limitMs).unref();
    work.finally(() => clearTimeout(timer)).then(resolve, reject);
  });
}

/**
 * Asks the daemon, and X-Ray itself if nothing listens at the daemon's address.
 */
export function daemonOrApiClient(daemon: Client, api: Client): Client {
  let current = daemon;
  return {
    async post(path, body, limitMs) {
      try {
        return await current.post(path, body, limitMs);
      } catch (error) {
        if (current === api || (error as NodeJS.ErrnoException).code !== 'ECONNREFUSED')
          throw error;
        const reply = await api.post(path, body, limitMs).catch(() => {
          throw error;
        });
        current = api;
        return reply;
      }
    },
    close() {
      daemon.close();
      api.close();
    },
  };
}
