import type { Attributes, SpanContext } from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import type { Sampler } from '@opentelemetry/sdk-trace';
import type { Config } from '../config.ts';
import { warnOnce } from '../diagnostics.ts';
import { onLate } from '../late-settings.ts';
import { STANDARD_SAMPLERS } from '../provider.ts';
import type { AdaptiveHooks, RequestOutcome } from '../sampler/boost.ts';
import { lambdaSampler } from './lambda.ts';
import { lazy } from './lazy.ts';
import { defaultSampler } from './startup-log.ts';
import { type ReadySampler, type SamplerChanges, xraySampler } from './xray-sampler.ts';

export interface ConfiguredSampler {
  readonly sampler: Sampler;
  /** Passes on the resource attributes once the detectors have found all of them. */
  readonly setResource: (attributes: Attributes) => void;
  /** Counts a request that has ended, for adaptive sampling. */
  readonly countRequest: (spanContext: SpanContext, outcome: RequestOutcome) => void;
  /** Creates the sampler now instead of at the first decision. */
  readonly prepare: () => void;
  /** Sends the last report and stops fetching rules. */
  readonly shutdown: () => Promise<void>;
}

/** Samples nothing; used if the sampler cannot be created. */
const NOTHING: ReadySampler = {
  shouldSample: () => ({ decision: 0 }),
  setResource() {},
  countRequest() {},
  shutdown: () => Promise.resolve(),
};

/**
 * Returns the sampler that `OTEL_TRACES_SAMPLER` names, or the default for the exporters.
 *
 * In Lambda the sampler follows the decision in Lambda's trace header: it fetches no rules, and
 * samples nothing without that header (docs/spec/sampling.md).
 */
export function configuredSampler(
  config: Config,
  resource: Resource,
  inLambda: boolean,
  adaptive?: AdaptiveHooks,
): ConfiguredSampler {
  const name = config.sampler ?? defaultSampler(config);
  const standard = STANDARD_SAMPLERS[name];
  if (standard !== undefined) {
    return {
      sampler: standard(ratio(config.samplerArg, name)),
      setResource: () => {},
      countRequest: () => {},
      prepare: () => {},
      shutdown: () => Promise.resolve(),
    };
  }
  let changes: SamplerChanges = {};
  const make = (): ReadySampler =>
    inLambda && !choosesRequests(config)
      ? lambdaSampler()
      : xraySampler(config, resource.attributes, inLambda, changes, adaptive);
  const xray = lazy(make, NOTHING);
  const change = (more: SamplerChanges): void => {
    changes = { ...changes, ...more };
    const before = xray.value;
    xray.replace(make);
    void before?.shutdown();
  };
  onLate('samplingRules', (localRules) => change({ localRules }));
  onLate('centralSampling', (centralized) => change({ centralized }));
  onLate('daemonAddress', (text) => change({ daemonAddress: text }));
  // Reads the user's settings at once, so that their errors are logged at the start.
  if (config.samplerArg !== undefined || config.samplingRules !== undefined) xray.get();
  return {
    sampler: {
      shouldSample: (...request) => xray.get().shouldSample(...request),
      toString: () => xray.get().toString(),
    },
    // A sampler that is created later reads the current attributes itself.
    setResource: (attributes) => xray.value?.setResource(attributes),
    countRequest: (...request) => xray.value?.countRequest(...request),
    prepare: () => void xray.get(),
    shutdown: () => xray.value?.shutdown() ?? Promise.resolve(),
  };
}

/** Whether settings decide about the requests of a function, besides the decision of its caller. */
function choosesRequests(config: Config): boolean {
  const { ignorePaths, ignoreUserAgents, ignoreHealthChecks, respectParent } = config;
  return (
    ignorePaths.length > 0 ||
    ignoreUserAgents.length > 0 ||
    ignoreHealthChecks ||
    respectParent !== 'always' ||
    config.samplerArg !== undefined ||
    config.samplingRules !== undefined
  );
}

/** Parses a ratio; an invalid one logs a warning and falls back to 1, as OpenTelemetry specifies. */
function ratio(text: string | undefined, sampler: string): number {
  if (text === undefined || !sampler.endsWith('traceidratio')) return 1;
  const value = Number(text);
  if (value >= 0 && value <= 1) return value;
  warnOnce(
    `OTEL_TRACES_SAMPLER_ARG=${JSON.stringify(text)}: expected a number from 0 to 1; using 1`,
  );
  return 1;
}
