import type { Attributes } from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import type { Sampler } from '@opentelemetry/sdk-trace';
import type { Config } from '../config.ts';
import { warnOnce } from '../diagnostics.ts';
import { onLate } from '../late-settings.ts';
import { STANDARD_SAMPLERS } from '../provider.ts';
import { lazy } from './lazy.ts';
import { defaultSampler } from './startup-log.ts';
import { type ReadySampler, type SamplerChanges, xraySampler } from './xray-sampler.ts';

/** A sampler, and what tells it where it runs once that is known. */
export interface ConfiguredSampler {
  readonly sampler: Sampler;
  readonly setResource: (attributes: Attributes) => void;
  /** Makes what is made at the first decision otherwise. */
  readonly prepare: () => void;
}

/** When the sampler could not be made: nothing is traced. */
const NOTHING: ReadySampler = {
  shouldSample: () => ({ decision: 0 }),
  setResource() {},
  shutdown: () => Promise.resolve(),
};

/**
 * The sampler that `OTEL_TRACES_SAMPLER` names, or the default for the exporters.
 *
 * In Lambda, Lambda decides: nobody is asked for rules there, and without its header nothing is
 * traced (docs/spec/sampling.md).
 */
export function configuredSampler(
  config: Config,
  resource: Resource,
  inLambda: boolean,
): ConfiguredSampler {
  const name = config.sampler ?? defaultSampler(config);
  const standard = STANDARD_SAMPLERS[name];
  if (standard !== undefined) {
    return {
      sampler: standard(ratio(config.samplerArg, name)),
      setResource: () => {},
      prepare: () => {},
    };
  }
  let changes: SamplerChanges = {};
  const make = (): ReadySampler => xraySampler(config, resource.attributes, inLambda, changes);
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
  // What the user wrote is read at once, so that mistakes in it are said at the start.
  if (config.samplerArg !== undefined || config.samplingRules !== undefined) xray.get();
  return {
    sampler: {
      shouldSample: (...request) => xray.get().shouldSample(...request),
      toString: () => xray.get().toString(),
    },
    // One that is made later reads the resource as it is then.
    setResource: (attributes) => xray.value?.setResource(attributes),
    prepare: () => void xray.get(),
  };
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
