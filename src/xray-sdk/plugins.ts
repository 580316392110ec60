import { TYPE_OF_PLATFORM } from '../aws-resource-types.ts';

/**
 * The plugins of the X-Ray SDK. `config()` accepts them and does nothing: the resource detectors
 * recognize EC2, ECS and Elastic Beanstalk.
 */
export interface Plugin {
  readonly originName: string;
  getData(callback: (data?: object) => void): void;
}

function plugin(originName: string): Plugin {
  return { originName, getData: (callback) => callback() };
}

export const EC2Plugin: Plugin = plugin(TYPE_OF_PLATFORM.aws_ec2);
export const ECSPlugin: Plugin = plugin(TYPE_OF_PLATFORM.aws_ecs);
export const ElasticBeanstalkPlugin: Plugin = plugin(TYPE_OF_PLATFORM.aws_elastic_beanstalk);
