import type { Config } from '../config.ts';
import {
  type PropagatorFactory,
  xrayLambdaPropagator,
  xrayPropagator,
} from '../propagation/index.ts';
import { STANDARD_PROPAGATORS } from '../provider.ts';

/**
 * What each name of `OTEL_PROPAGATORS` makes.
 *
 * A request whose sampling nobody decided (`Root` only) is sampled by a sampler that samples all.
 *
 * @see docs/spec/propagation.md section 3
 */
export function propagatorFactories(
  sampler: Config['sampler'],
): Readonly<Record<string, PropagatorFactory>> {
  const deferredAs = sampler === 'parentbased_always_on' ? 'sampled' : 'unsampled';
  return {
    ...STANDARD_PROPAGATORS,
    xray: () => xrayPropagator({ deferredAs }),
    'xray-lambda': () => xrayLambdaPropagator(),
  };
}
