import type { Config, SamplerName } from '../config/settings.ts';
import { quoted, type Section } from './section.ts';

type Chosen = Pick<Config, 'sampler' | 'samplerArg'>;

/** The default sampler. It is set explicitly, so that environment variables do not apply. */
const DEFAULT: Chosen = { sampler: undefined, samplerArg: undefined };

/** Samplers of the schema with an equivalent in `OTEL_TRACES_SAMPLER`, and `xray`. */
const SAMPLERS: Readonly<Record<string, (section: Section) => Chosen>> = {
  always_on: () => ({ ...DEFAULT, sampler: 'always_on' }),
  always_off: () => ({ ...DEFAULT, sampler: 'always_off' }),
  trace_id_ratio_based: (section) => ({ sampler: 'traceidratio', samplerArg: ratio(section) }),
  parent_based: parentBased,
  xray: (section) => ({ sampler: 'xray', samplerArg: xrayArgument(section) }),
};

/** The supported samplers for each kind of parent. Any other sampler is reported as a problem. */
const BY_PARENT: Readonly<Record<string, string>> = {
  remote_parent_sampled: 'always_on',
  remote_parent_not_sampled: 'always_off',
  local_parent_sampled: 'always_on',
  local_parent_not_sampled: 'always_off',
};

/** Reads `tracer_provider.sampler`. */
export function samplerSettings(root: Section): Chosen {
  const section = root.section('tracer_provider')?.section('sampler');
  return section === undefined ? DEFAULT : chosen(section);
}

function chosen(section: Section): Chosen {
  const name = section.keys.find((key) => Object.hasOwn(SAMPLERS, key));
  const config = name === undefined ? undefined : section.section(name);
  if (name !== undefined && config !== undefined) return SAMPLERS[name]?.(config) ?? DEFAULT;
  section.warn(`${section.path}: no supported sampler; using the default`);
  return DEFAULT;
}

function parentBased(section: Section): Chosen {
  for (const [key, usual] of Object.entries(BY_PARENT)) {
    const sampler = section.section(key);
    if (sampler === undefined) continue;
    for (const name of sampler.keys) {
      sampler.value(name);
      if (name !== usual) sampler.warn(`${sampler.at(name)} is not supported; using ${usual}`);
    }
  }
  const inner = section.section('root');
  const { sampler = 'always_on', samplerArg } = inner === undefined ? DEFAULT : chosen(inner);
  const name = sampler.startsWith('parentbased_')
    ? sampler
    : (`parentbased_${sampler}` as SamplerName);
  return { sampler: name, samplerArg };
}

function ratio(section: Section): string {
  const value = section.value('ratio') ?? 1;
  if (typeof value === 'number' && value >= 0 && value <= 1) return String(value);
  section.warn(`${section.at('ratio')}: ${quoted(value)}: expected a number from 0 to 1; using 1`);
  return '1';
}

/**
 * Returns the equivalent value of `OTEL_TRACES_SAMPLER_ARG`. It is validated when it is read.
 *
 * @see opentelemetry-java-contrib AwsXrayRemoteSamplerComponentProvider, which has `xray` and `endpoint`
 */
function xrayArgument(section: Section): string | undefined {
  const parts = ['endpoint', 'polling_interval'].flatMap((key) => {
    const value = section.value(key);
    return value === undefined ? [] : [`${key}=${value}`];
  });
  return parts.length === 0 ? undefined : parts.join(',');
}
