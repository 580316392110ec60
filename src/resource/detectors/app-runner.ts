import type { Detector } from '../detector.ts';
import { withoutEmpty } from '../detector.ts';

/**
 * AWS App Runner.
 *
 * The service tells its instances nothing about themselves (aws/apprunner-roadmap#202, #256), so
 * naming this detector in `OTEL_NODE_RESOURCE_DETECTORS` is what says that the process runs there;
 * it is not part of `aws` and `all`.
 */
export const appRunnerDetector: Detector = {
  detect: ({ env }) =>
    withoutEmpty({
      'cloud.provider': 'aws',
      'cloud.platform': 'aws_app_runner',
      'cloud.region': env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION'],
    }),
};
