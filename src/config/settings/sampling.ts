import type { RespectParent } from '../../sampler/types.ts';
import { parseBoolean, parseList, parseOneOf, parseText } from '../parse.ts';
import type { Rows } from '../setting.ts';

const SAMPLER_NAMES = [
  'xray',
  'parentbased_xray',
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;
export type SamplerName = (typeof SAMPLER_NAMES)[number];

/** Which requests are traced. */
export interface SamplingSettings {
  readonly sampler: SamplerName | undefined;
  readonly samplerArg: string | undefined;
  readonly samplingRules: string | undefined;
  readonly adaptiveSampling: string | object | undefined;
  readonly ignorePaths: readonly string[];
  readonly ignoreUserAgents: readonly string[];
  readonly ignoreHealthChecks: boolean;
  readonly respectParent: RespectParent;
  readonly rootClientSpans: 'segment' | 'drop';
}

export const SAMPLING: Rows<SamplingSettings> = {
  sampler: {
    env: { OTEL_TRACES_SAMPLER: parseOneOf(...SAMPLER_NAMES) },
    filePaths: ['tracer_provider.sampler'],
    fallback: undefined,
    defaultLabel: '`xray` with the `xray` exporter, else `parentbased_always_on`',
    description:
      'Sampler: `xray` (centralized rules), `always_on`, `always_off`, `traceidratio`, each also with `parentbased_`.',
  },
  samplerArg: {
    env: { OTEL_TRACES_SAMPLER_ARG: parseText },
    filePaths: ['tracer_provider.sampler'],
    fallback: undefined,
    description: 'Ratio from 0 to 1; for `xray`: `endpoint=http://host:port,polling_interval=300`.',
  },
  samplingRules: {
    env: { OTEL_XRAY_SAMPLING_RULES: parseText },
    fallback: undefined,
    description:
      'File with local sampling rules, which apply while no centralized rules are known.',
  },
  adaptiveSampling: {
    env: { AWS_XRAY_ADAPTIVE_SAMPLING_CONFIG: parseText },
    fallback: undefined,
    defaultLabel: 'server errors are anomalies; nothing is kept',
    description:
      'Adaptive sampling: which requests are anomalies, and how many unsampled ones are kept (YAML, JSON, or a file).',
  },
  ignorePaths: {
    env: { OTEL_XRAY_IGNORE_PATHS: parseList },
    fallback: [],
    description: 'Paths of requests that are never traced (list, with wildcards `*` and `?`).',
  },
  ignoreUserAgents: {
    env: { OTEL_XRAY_IGNORE_USER_AGENTS: parseList },
    fallback: [],
    description: 'User agents whose requests are never traced (list, with wildcards `*` and `?`).',
  },
  ignoreHealthChecks: {
    env: { OTEL_XRAY_IGNORE_HEALTH_CHECKS: parseBoolean },
    fallback: false,
    description: 'Excludes health checks of AWS load balancers.',
  },
  respectParent: {
    env: { OTEL_XRAY_RESPECT_PARENT: parseOneOf('always', 'sampled-only', 'never') },
    fallback: 'always',
    description:
      'Sampling decisions of callers to accept: `always`, `sampled-only`, or `never` (at a public edge).',
  },
  rootClientSpans: {
    env: { OTEL_XRAY_ROOT_CLIENT_SPANS: parseOneOf('segment', 'drop') },
    fallback: 'segment',
    description: '`drop` excludes outgoing calls outside a request.',
  },
};
