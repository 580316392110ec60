import type { Detector } from '../detector.ts';
import { withoutEmpty } from '../detector.ts';

/**
 * Detects AWS Lambda from environment variables.
 *
 * `cloud.resource_id` and `cloud.account.id` are known only during an invocation. They are set on
 * the handler's span.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
 */
export const lambdaDetector: Detector = {
  detect({ env }) {
    const name = env['AWS_LAMBDA_FUNCTION_NAME'];
    if (!name) return {};
    const megabytes = Number(env['AWS_LAMBDA_FUNCTION_MEMORY_SIZE']);
    const logGroup = env['AWS_LAMBDA_LOG_GROUP_NAME'];
    return withoutEmpty({
      'cloud.provider': 'aws',
      'cloud.platform': 'aws_lambda',
      'cloud.region': env['AWS_REGION'],
      'service.name': name,
      'faas.name': name,
      'faas.version': env['AWS_LAMBDA_FUNCTION_VERSION'],
      'faas.instance': env['AWS_LAMBDA_LOG_STREAM_NAME'],
      'faas.max_memory': megabytes > 0 ? megabytes * 1_048_576 : undefined,
      'aws.log.group.names': logGroup ? [logGroup] : undefined,
    });
  },
};
