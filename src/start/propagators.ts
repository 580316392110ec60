import type { Config } from '../config.ts';
import {
  type PropagatorFactory,
  xrayLambdaPropagator,
  xrayPropagator,
} from '../propagation/index.ts';
import { STANDARD_PROPAGATORS } from '../provider.ts';

/**
 * Returns the propagator factory of each name in `OTEL_PROPAGATORS`.
 *
 * A request without a sampling decision (`Root` only) is sampled under `parentbased_always_on`.
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
