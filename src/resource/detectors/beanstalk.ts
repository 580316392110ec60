import type { Detector } from '../detector.ts';
import { parseObject, textOf, withoutEmpty } from '../detector.ts';

/** Written by Elastic Beanstalk when its X-Ray option is on. */
const FILES: Readonly<Record<string, string>> = {
  win32: 'C:\\Program Files\\Amazon\\XRay\\environment.conf',
};
const FILE = '/var/elasticbeanstalk/xray/environment.conf';

/**
 * Elastic Beanstalk. The environment's name is also the service's, where nothing else names it
 * (the JS detector of the OpenTelemetry project says `aws_elastic_beanstalk` for every one).
 *
 * @see https://docs.aws.amazon.com/xray/latest/devguide/xray-daemon-beanstalk.html
 */
export const beanstalkDetector: Detector = {
  detect({ readNow, system, warn }) {
    const file = FILES[system.platform] ?? FILE;
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
