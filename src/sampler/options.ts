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
  /** Between two reads of the rules; at least 10,000. Default 300,000. */
  readonly pollingIntervalMs?: number | undefined;
  /** Whether rules are fetched at all; `false` leaves the local ones. Default `true`. */
  readonly centralized?: boolean | undefined;
  /** Used before the first answer, after an hour without one, and for requests no rule takes. */
  readonly localRules?: readonly SamplingRule[] | undefined;
  /** The resource's attributes, when they are known already; see `setResource`. */
  readonly resource?: Attributes | undefined;
  /** The name written on segments, if it is not `service.name`. */
  readonly serviceName?: string | undefined;
  /** The `origin` written on segments. */
  readonly origin?: string | undefined;
  /** Paths of incoming requests that are never sampled, with `*` and `?`. */
  readonly ignorePaths?: readonly string[] | undefined;
  /** User agents that are never sampled, with `*` and `?`. */
  readonly ignoreUserAgents?: readonly string[] | undefined;
  /** Leaves out the health checks of AWS load balancers. Default `false`. */
  readonly ignoreHealthChecks?: boolean | undefined;
  /** Whether the decision of a remote parent counts. Default `always`. */
  readonly respectParent?: RespectParent | undefined;
  /** `drop` leaves out outgoing calls that belong to no request. Default `segment`. */
  readonly rootClientSpans?: 'segment' | 'drop' | undefined;
  /**
   * Samples only what a caller sampled: nothing is asked of X-Ray, and a request without a decision
   * is left out. For Lambda, whose own header decides. Default `false`.
   */
  readonly decidedOnly?: boolean | undefined;
  /** For tests and simulations; with any of these the sampler shares nothing with others. */
  readonly deps?: Partial<SamplerDeps> | undefined;
}

export interface SamplerStatus {
  /** Of the proxy that is asked, `host:port`; `undefined` when none is. */
  readonly address: string | undefined;
  /** Whether X-Ray's rules are in force. */
  readonly usesRemoteRules: boolean;
  /** How many rules X-Ray gave. */
  readonly rules: number;
  readonly localRules: number;
  readonly counts: RemoteRuleCounts | undefined;
}

const MIN_POLLING_MS = 10_000;
const DEFAULT_POLLING_MS = 300_000;

/** @throws {TypeError} when it is no address; the message quotes it */
export function samplingEndpoint(endpoint: string | Endpoint | undefined): SamplingEndpoint {
  if (typeof endpoint === 'string') return parseSamplingEndpoint(endpoint);
  return { basePath: '', ...(endpoint ?? DEFAULT_DAEMON.tcp) };
}

/** @throws {TypeError} when it is too short; the message quotes it */
export function validPollingInterval(intervalMs: number | undefined): number {
  if (intervalMs === undefined) return DEFAULT_POLLING_MS;
  if (Number.isFinite(intervalMs) && intervalMs >= MIN_POLLING_MS) return intervalMs;
  throw new TypeError(
    `pollingIntervalMs: ${String(intervalMs)}; expected at least ${MIN_POLLING_MS}`,
  );
}
