import type { Attributes } from '@opentelemetry/api';
import { DEFAULT_DAEMON, type Endpoint } from '../daemon-address.ts';
import { type MakeClient, parseSamplingEndpoint, type SamplingEndpoint } from './client.ts';
import type { RemoteRuleCounts } from './remote-rules.ts';
import type { SamplingRule } from './rule.ts';
import type { SamplerDeps } from './shared-poller.ts';
import type { RespectParent } from './types.ts';

/** Options of {@link XRaySampler}. */
export interface XRaySamplerOptions {
  /** The TCP proxy: `http://host:port/base`, `host:port` or an endpoint. Default `127.0.0.1:2000`. */
  readonly endpoint?: string | Endpoint | undefined;
  /** Makes the client that asks for rules and targets, out of the one for the endpoint. */
  readonly client?: MakeClient | undefined;
  /** Interval between two fetches of the rules; at least 10,000. Default 300,000. */
  readonly pollingIntervalMs?: number | undefined;
  /** Whether rules are fetched; `false` uses local rules only. Default `true`. */
  readonly centralized?: boolean | undefined;
  /** Used before the first response, after an hour without one, and for requests without a match. */
  readonly localRules?: readonly SamplingRule[] | undefined;
  /** Resource attributes, if they are known already; see `setResource`. */
  readonly resource?: Attributes | undefined;
  /** Name of the segments, if it is not `service.name`. */
  readonly serviceName?: string | undefined;
  /** The `origin` written on segments. */
  readonly origin?: string | undefined;
  /** Paths of incoming requests that are never sampled, with the wildcards `*` and `?`. */
  readonly ignorePaths?: readonly string[] | undefined;
  /** User agents whose requests are never sampled, with the wildcards `*` and `?`. */
  readonly ignoreUserAgents?: readonly string[] | undefined;
  /** Never samples health checks of AWS load balancers. Default `false`. */
  readonly ignoreHealthChecks?: boolean | undefined;
  /** Whether to follow the decision of a remote parent. Default `always`. */
  readonly respectParent?: RespectParent | undefined;
  /** `drop` never samples outgoing calls outside a request. Default `segment`. */
  readonly rootClientSpans?: 'segment' | 'drop' | undefined;
  /**
   * Samples only requests that the caller sampled; fetches no rules. For Lambda, whose trace header
   * contains the decision. Default `false`.
   */
  readonly decidedOnly?: boolean | undefined;
  /** For tests and simulations. With any of these, the sampler shares no poller with others. */
  readonly deps?: Partial<SamplerDeps> | undefined;
}

export interface SamplerStatus {
  /** Address of the proxy, `host:port`; `undefined` if no rules are fetched. */
  readonly address: string | undefined;
  /** Whether rules of X-Ray are in use. */
  readonly usesRemoteRules: boolean;
  /** Number of rules fetched from X-Ray. */
  readonly rules: number;
  readonly localRules: number;
  readonly counts: RemoteRuleCounts | undefined;
}

const MIN_POLLING_MS = 10_000;
const DEFAULT_POLLING_MS = 300_000;

/** @throws {TypeError} for an invalid address; the message quotes it */
export function samplingEndpoint(endpoint: string | Endpoint | undefined): SamplingEndpoint {
  if (typeof endpoint === 'string') return parseSamplingEndpoint(endpoint);
  return { basePath: '', ...(endpoint ?? DEFAULT_DAEMON.tcp) };
}

/** @throws {TypeError} for an interval that is too short; the message quotes it */
export function validPollingInterval(intervalMs: number | undefined): number {
  if (intervalMs === undefined) return DEFAULT_POLLING_MS;
  if (Number.isFinite(intervalMs) && intervalMs >= MIN_POLLING_MS) return intervalMs;
  throw new TypeError(
    `pollingIntervalMs: ${String(intervalMs)}; expected at least ${MIN_POLLING_MS}`,
  );
}
