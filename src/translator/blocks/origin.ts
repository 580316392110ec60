import type { ResourceText } from '../context/resource.ts';
import type { Origin } from '../document.ts';

const ORIGINS: Readonly<Record<string, Origin>> = {
  aws_app_runner: 'AWS::AppRunner::Service',
  aws_eks: 'AWS::EKS::Container',
  aws_elastic_beanstalk: 'AWS::ElasticBeanstalk::Environment',
  aws_ecs: 'AWS::ECS::Container',
  aws_ec2: 'AWS::EC2::Instance',
};

const ECS_ORIGINS: Readonly<Record<string, Origin>> = {
  ec2: 'AWS::ECS::EC2',
  fargate: 'AWS::ECS::Fargate',
};

/**
 * The kind of AWS resource the app runs on, by `cloud.platform` (docs/spec/translation.md section
 * 5.3).
 */
export function originOf(text: ResourceText): Origin | undefined {
  const platform = text('cloud.platform') ?? '';
  if (platform === 'aws_ecs') {
    const launch = text('aws.ecs.launchtype')?.toLowerCase() ?? '';
    if (Object.hasOwn(ECS_ORIGINS, launch)) return ECS_ORIGINS[launch];
  }
  return Object.hasOwn(ORIGINS, platform) ? ORIGINS[platform] : undefined;
}
