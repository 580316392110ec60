import { diag } from '@opentelemetry/api';
import { endpointText } from '../daemon-address.ts';
import { type Client, httpClient, type MakeClient, type SamplingEndpoint } from './client.ts';
import { type Schedule, startPoller } from './poller.ts';
import { type Lease, shareInProcess } from './process-singleton.ts';
import { type RemoteRules, remoteRules } from './remote-rules.ts';
import type { Clock } from './reservoir.ts';

/** Dependencies of the sampler. */
export interface SamplerDeps {
  readonly clock: Clock;
  readonly random: () => number;
  readonly schedule: Schedule;
  readonly client: (endpoint: SamplingEndpoint) => Client;
}

export const REAL_CLOCK: Clock = { wallMs: () => Date.now(), steadyMs: () => performance.now() };

const LAST_REPORT_LIMIT_MS = 500;

const realSchedule: Schedule = (run, delayMs) => {
  const timer = setTimeout(run, delayMs).unref();
  return () => clearTimeout(timer);
};

/**
 * Returns the remote rules of an address with their poller, shared by all samplers of this process
 * unless `deps` is given.
 */
export function leaseRemoteRules(
  endpoint: SamplingEndpoint,
  pollingIntervalMs: number,
  deps: Partial<SamplerDeps> | undefined,
  makeClient: MakeClient | undefined,
): Lease<RemoteRules> {
  const address = endpointText(endpoint) + endpoint.basePath;
  const name =
    deps === undefined
      ? `${address} ${pollingIntervalMs} ${makeClient === undefined}`
      : `${address} ${Math.random()}`;
  return shareInProcess(name, () => {
    const clock = deps?.clock ?? REAL_CLOCK;
    const daemon = deps?.client?.(endpoint) ?? httpClient(endpoint, clock.wallMs);
    const client = makeClient?.(daemon, clock.wallMs) ?? daemon;
    const remote = remoteRules({
      post: client.post,
      clock,
      newClientId: () => process.getBuiltinModule('node:crypto').randomBytes(12).toString('hex'),
      address,
    });
    const stop = startPoller({
      remote: remote,
      clock,
      schedule: deps?.schedule ?? realSchedule,
      random: deps?.random ?? Math.random,
      pollingIntervalMs,
    });
    const close = async () => {
      stop();
      if (remote.isUsable()) {
        const outcome = await remote.reportAndTarget({
          everything: true,
          limitMs: LAST_REPORT_LIMIT_MS,
        });
        diag.debug(`otel-xray: last sampling report: ${outcome}`);
      }
      client.close();
    };
    return { value: remote, close };
  });
}
