import type { Attributes } from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import type { Sampler } from '@opentelemetry/sdk-trace';
import type { Config } from '../config.ts';
import { warnOnce } from '../diagnostics.ts';
import { STANDARD_SAMPLERS } from '../provider.ts';
import { parseSamplingEndpoint, type SamplingEndpoint } from '../sampler/client.ts';
import { XRaySampler } from '../sampler/index.ts';
import { rulesFromFile } from '../sampler/rules-file.ts';
import { defaultSampler } from './start-line.ts';

/** A sampler, and what tells it where it runs once that is known. */
export interface ChosenSampler {
  readonly sampler: Sampler;
  readonly setResource: (attributes: Attributes) => void;
}

/**
 * The sampler that `OTEL_TRACES_SAMPLER` names, or the default for the exporters.
 *
 * In Lambda, Lambda decides: nobody is asked for rules there, and without its header nothing is
 * traced (spec/sampling.md).
 */
export function chosenSampler(
  config: Config,
  resource: Resource,
  inLambda: boolean,
): ChosenSampler {
  const name = config.sampler ?? defaultSampler(config);
  const standard = STANDARD_SAMPLERS[name];
  if (standard !== undefined) {
    return { sampler: standard(ratio(config.samplerArg, name)), setResource: () => {} };
  }
  const { endpoint, pollingIntervalMs } = samplerArguments(config.samplerArg);
  const { samplingRules } = config;
  const sampler = new XRaySampler({
    endpoint: endpoint ?? config.daemonAddress.tcp,
    pollingIntervalMs,
    decidedOnly: inLambda,
    localRules: samplingRules === undefined ? undefined : rulesFromFile(samplingRules),
    ignorePaths: config.ignorePaths,
    ignoreUserAgents: config.ignoreUserAgents,
    ignoreHealthChecks: config.ignoreHealthChecks,
    respectParent: config.respectParent,
    rootClientSpans: config.rootClientSpans,
    resource: resource.attributes,
  });
  return { sampler, setResource: (attributes) => sampler.setResource(attributes) };
}

/** The specification's rule: a ratio that cannot be read is said, and 1 is used. */
function ratio(text: string | undefined, sampler: string): number {
  if (text === undefined || !sampler.endsWith('traceidratio')) return 1;
  const value = Number(text);
  if (value >= 0 && value <= 1) return value;
  warnOnce(
    `OTEL_TRACES_SAMPLER_ARG=${JSON.stringify(text)} is not a number from 0 to 1; 1 is used`,
  );
  return 1;
}

interface SamplerArguments {
  readonly endpoint?: SamplingEndpoint;
  readonly pollingIntervalMs?: number;
}

/**
 * Reads `endpoint=http://host:port,polling_interval=300`: any order, split at the first `=`,
 * unknown keys ignored; the interval is in seconds and at least 10.
 *
 * @see spec/environment.md, OTEL_TRACES_SAMPLER_ARG
 */
export function samplerArguments(text: string | undefined): SamplerArguments {
  const result: { endpoint?: SamplingEndpoint; pollingIntervalMs?: number } = {};
  for (const part of text?.split(',') ?? []) {
    const at = part.indexOf('=');
    const key = part.slice(0, at).trim();
    const value = part.slice(at + 1).trim();
    if (key === 'endpoint') Object.assign(result, readable(value));
    if (key === 'polling_interval') {
      const seconds = Number(value);
      if (seconds >= 10) result.pollingIntervalMs = seconds * 1000;
      else warnOnce(`polling_interval=${value} is not a number from 10; 300 is used`);
    }
  }
  return result;
}

function readable(text: string): Pick<SamplerArguments, 'endpoint'> {
  try {
    return { endpoint: parseSamplingEndpoint(text) };
  } catch (error) {
    warnOnce(
      `endpoint of the X-Ray sampler: ${(error as Error).message}; the daemon’s address is used`,
    );
    return {};
  }
}
