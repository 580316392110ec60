import type { Detector } from '../detector.ts';
import { withoutEmpty } from '../detector.ts';

/**
 * AWS App Runner.
 *
 * App Runner provides no metadata to its instances (aws/apprunner-roadmap#202, #256) and cannot be
 * detected. List this detector in `OTEL_NODE_RESOURCE_DETECTORS` to declare that the process runs
 * there. It is not part of `aws` and `all`.
 */
export const appRunnerDetector: Detector = {
  detect: ({ env }) =>
    withoutEmpty({
      'cloud.provider': 'aws',
      'cloud.platform': 'aws_app_runner',
      'cloud.region': env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION'],
    }),
};
