/**
 * The plugins of the X-Ray SDK. The resource detectors find out about EC2, ECS and Elastic
 * Beanstalk by themselves, so that these only have to be accepted by `config()`.
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
