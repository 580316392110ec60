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

export const EC2Plugin: Plugin = plugin('AWS::EC2::Instance');
export const ECSPlugin: Plugin = plugin('AWS::ECS::Container');
export const ElasticBeanstalkPlugin: Plugin = plugin('AWS::ElasticBeanstalk::Environment');
