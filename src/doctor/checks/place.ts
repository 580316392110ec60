import type { Facts } from '../facts.ts';
import { type Check, info } from '../finding.ts';

/** The first match applies, as in the resource detectors. */
const PLACES: readonly (readonly [place: string, is: (facts: Facts) => boolean])[] = [
  ['AWS Lambda', ({ env }) => Boolean(env['AWS_LAMBDA_FUNCTION_NAME'])],
  ['Elastic Beanstalk', ({ beanstalk }) => beanstalk],
  [
    'ECS',
    ({ env }) => Boolean(env['ECS_CONTAINER_METADATA_URI_V4'] ?? env['ECS_CONTAINER_METADATA_URI']),
  ],
  ['Kubernetes', ({ env }) => Boolean(env['KUBERNETES_SERVICE_HOST'])],
];

/** Detects the compute platform from environment variables and files. */
export const place: Check = {
  name: 'place',
  find: (facts) => {
    const found = PLACES.find(([, is]) => is(facts))?.[0];
    return info(found === undefined ? 'no AWS compute platform was detected' : `runs in ${found}`);
  },
};
