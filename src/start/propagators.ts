import {
  type PropagatorFactory,
  xrayLambdaPropagator,
  xrayPropagator,
} from '../propagation/index.ts';
import { STANDARD_PROPAGATORS } from '../provider.ts';

/** What each name of `OTEL_PROPAGATORS` makes. */
export function propagatorFactories(): Readonly<Record<string, PropagatorFactory>> {
  return {
    ...STANDARD_PROPAGATORS,
    xray: () => xrayPropagator(),
    'xray-lambda': () => xrayLambdaPropagator(),
  };
}
