import type { Attributes } from '@opentelemetry/api';
import type { Config } from '../config.ts';
import { parseDaemonAddress } from '../daemon-address.ts';
import { warnOnce } from '../diagnostics.ts';
import type { AdaptiveHooks } from '../sampler/boost.ts';
import { parseSamplingEndpoint, type SamplingEndpoint } from '../sampler/client.ts';
import { XRaySampler } from '../sampler/index.ts';
import { rulesFrom } from '../sampler/rules-file.ts';
import { apiSampling } from './xray-pipeline.ts';

/** The part of the sampler that startup uses. */
export type ReadySampler = Pick<
  XRaySampler,
  'shouldSample' | 'setResource' | 'countRequest' | 'shutdown'
>;

/** Settings that the app changed in code. Environment variables take precedence. */
export interface SamplerChanges {
  /** Path of a rules file, or its content. */
  readonly localRules?: string | object;
  readonly centralized?: boolean;
  /** In the format of `AWS_XRAY_DAEMON_ADDRESS`. */
  readonly daemonAddress?: string;
}

/** Creates the sampler for X-Ray's rules from the configuration. It fetches the rules at once. */
export function xraySampler(
  config: Config,
  resource: Attributes,
  inLambda: boolean,
  changes: SamplerChanges = {},
  adaptive?: AdaptiveHooks,
): ReadySampler {
  const { endpoint, pollingIntervalMs } = samplerArguments(config.samplerArg);
  const rules = config.samplingRules ?? changes.localRules;
  const { tcp } =
    changes.daemonAddress === undefined
      ? config.daemonAddress
      : parseDaemonAddress(changes.daemonAddress);
  const options = {
    endpoint: endpoint ?? tcp,
    // In Lambda the sampler makes no calls, and the code for them is not loaded.
    client: inLambda ? undefined : apiSampling(config.transport),
    centralized: changes.centralized,
    pollingIntervalMs,
    decidedOnly: inLambda,
    localRules: rules === undefined ? undefined : rulesFrom(rules),
    ignorePaths: config.ignorePaths,
    ignoreUserAgents: config.ignoreUserAgents,
    ignoreHealthChecks: config.ignoreHealthChecks,
    respectParent: config.respectParent,
    rootClientSpans: config.rootClientSpans,
    resource,
  };
  return new XRaySampler(options, adaptive);
}

const VARIABLE = 'OTEL_TRACES_SAMPLER_ARG';

interface SamplerArguments {
  readonly endpoint?: SamplingEndpoint;
  readonly pollingIntervalMs?: number;
}

/**
 * Parses `endpoint=http://host:port,polling_interval=300` in any order. Unknown keys are ignored; the
 * interval is in seconds and at least 10.
 *
 * @see docs/spec/environment.md, OTEL_TRACES_SAMPLER_ARG
 */
function samplerArguments(text: string | undefined): SamplerArguments {
  const result: { endpoint?: SamplingEndpoint; pollingIntervalMs?: number } = {};
  for (const part of text?.split(',') ?? []) {
    const at = part.indexOf('=');
    const key = part.slice(0, at).trim();
    const value = part.slice(at + 1).trim();
    if (key === 'endpoint') Object.assign(result, parsedEndpoint(value));
    if (key === 'polling_interval') {
      const seconds = Number(value);
      if (seconds >= 10) result.pollingIntervalMs = seconds * 1000;
      else
        warnOnce(`${VARIABLE}: polling_interval=${value}: expected at least 10 seconds; using 300`);
    }
  }
  return result;
}

function parsedEndpoint(text: string): Pick<SamplerArguments, 'endpoint'> {
  try {
    return { endpoint: parseSamplingEndpoint(text) };
  } catch (error) {
    warnOnce(`${VARIABLE}: ${(error as Error).message}; using the address of the daemon`);
    return {};
  }
}
