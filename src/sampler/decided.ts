import { trace } from '@opentelemetry/api';
import { isDeferred } from '../propagation/span-context-flags.ts';
import type { SdkSampler, SdkSamplingResult } from './types.ts';
import { isWithoutSampling } from './without-sampling.ts';

const DROPPED: SdkSamplingResult = Object.freeze({ decision: 0 });
const SAMPLED: SdkSamplingResult = Object.freeze({ decision: 2 });

/**
 * Returns a sampler that follows the decision of the parent, and samples nothing without one. Decides
 * like `XRaySampler` with `decidedOnly`, whose code for rules takes 3 ms to load in a cold start; a test
 * holds both to the same cases.
 *
 * @see docs/spec/sampling.md
 */
export function decidedSampler(): SdkSampler {
  return {
    shouldSample(context, traceId) {
      if (isWithoutSampling(context)) return DROPPED;
      const parent = trace.getSpanContext(context);
      if (parent === undefined || parent.traceId !== traceId) return DROPPED;
      if (parent.isRemote === true && isDeferred(parent)) return DROPPED;
      return (parent.traceFlags & 1) === 1 ? SAMPLED : DROPPED;
    },
    toString: () => 'XRaySampler{decision of the caller}',
  };
}
