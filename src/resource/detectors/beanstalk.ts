import type { Detector } from '../detector.ts';
import { parseObject, textOf, withoutEmpty } from '../detector.ts';

/**
 * Returns the path of the file that Elastic Beanstalk writes if its X-Ray option is on.
 *
 * @param platform as `process.platform`
 */
export function beanstalkFile(platform: string): string {
  return platform === 'win32'
    ? 'C:\\Program Files\\Amazon\\XRay\\environment.conf'
    : '/var/elasticbeanstalk/xray/environment.conf';
}

/**
 * Elastic Beanstalk. The name of the environment is the default service name; OpenTelemetry's own
 * detector sets `aws_elastic_beanstalk` as the name of every service.
 *
 * @see https://docs.aws.amazon.com/xray/latest/devguide/xray-daemon-beanstalk.html
 */
export const beanstalkDetector: Detector = {
  detect({ readNow, system, warn }) {
    const file = beanstalkFile(system.platform);
    const text = readNow(file);
    if (text === undefined) return {};
    let facts: Readonly<Record<string, unknown>> = {};
    try {
      facts = parseObject(text);
    } catch (error) {
      warn(`Elastic Beanstalk: ${file}: ${(error as Error).message}`);
    }
    const deployment = facts['deployment_id'];
    return withoutEmpty({
      'cloud.provider': 'aws',
      'cloud.platform': 'aws_elastic_beanstalk',
      'service.name': textOf(facts['environment_name']),
      'service.namespace': textOf(facts['environment_name']),
      'service.version': textOf(facts['version_label']),
      'service.instance.id': typeof deployment === 'number' ? `${deployment}` : textOf(deployment),
    });
  },
};
