import type { PatternField } from '../../sampler/rule.ts';

/**
 * The maximum length of each pattern of a sampling rule, in characters. A new rule needs them all.
 *
 * @see https://docs.aws.amazon.com/xray/latest/api/API_SamplingRule.html
 */
export const MAX_PATTERN_LENGTH: Readonly<Record<PatternField, number>> = {
  ResourceARN: 500,
  ServiceName: 64,
  ServiceType: 64,
  Host: 64,
  HTTPMethod: 10,
  URLPath: 128,
};
