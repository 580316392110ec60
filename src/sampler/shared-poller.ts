import { diag } from '@opentelemetry/api';
import { endpointText } from '../daemon-address.ts';
import { type Client, httpClient, type SamplingEndpoint } from './client.ts';
import { type Later, startPoller } from './poller.ts';
import { type Lease, shareInProcess } from './process-singleton.ts';
import { type CentralRules, centralRules } from './remote-rules.ts';
import type { Clock } from './reservoir.ts';

/** What the sampler takes from the world. */
export interface SamplerParts {
  readonly clock: Clock;
  readonly random: () => number;
  readonly later: Later;
  readonly client: (endpoint: SamplingEndpoint) => Client;
}

export const REAL_CLOCK: Clock = { wallMs: () => Date.now(), steadyMs: () => performance.now() };

const LAST_REPORT_LIMIT_MS = 500;

const realLater: Later = (run, delayMs) => {
  const timer = setTimeout(run, delayMs).unref();
  return () => clearTimeout(timer);
};

/**
 * The central rules of an address with their poller, shared by all samplers of this process; a
 * sampler with parts of its own shares with none.
 */
export function leaseCentral(
  endpoint: SamplingEndpoint,
  pollingIntervalMs: number,
  parts: Partial<SamplerParts> | undefined,
): Lease<CentralRules> {
  const address = endpointText(endpoint) + endpoint.basePath;
  const name =
    parts === undefined ? `${address} ${pollingIntervalMs}` : `${address} ${Math.random()}`;
  return shareInProcess(name, () => {
    const clock = parts?.clock ?? REAL_CLOCK;
    const client = parts?.client?.(endpoint) ?? httpClient(endpoint, clock.wallMs);
    const rules = centralRules({
      post: client.post,
      clock,
      newClientId: () => process.getBuiltinModule('node:crypto').randomBytes(12).toString('hex'),
      address,
    });
    const stop = startPoller({
      central: rules,
      clock,
      later: parts?.later ?? realLater,
      random: parts?.random ?? Math.random,
      pollingIntervalMs,
    });
    const close = async () => {
      stop();
      if (rules.isUsable()) {
        const outcome = await rules.reportAndTarget({
          everything: true,
          limitMs: LAST_REPORT_LIMIT_MS,
        });
        diag.debug(`otel-xray: last sampling report: ${outcome}`);
      }
      client.close();
    };
    return { value: rules, close };
  });
}
