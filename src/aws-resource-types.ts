/**
 * The AWS resource types that X-Ray knows: the `origin` of a segment, and the service types that
 * sampling rules match.
 *
 * @see docs/spec/translation.md section 5.3
 */

/** `cloud.platform` → resource type. */
export const TYPE_OF_PLATFORM = {
  aws_app_runner: 'AWS::AppRunner::Service',
  aws_ec2: 'AWS::EC2::Instance',
  aws_ecs: 'AWS::ECS::Container',
  aws_eks: 'AWS::EKS::Container',
  aws_elastic_beanstalk: 'AWS::ElasticBeanstalk::Environment',
  aws_lambda: 'AWS::Lambda::Function',
} as const;

/** `aws.ecs.launchtype` → the more exact resource type of an ECS task. */
const TYPE_OF_LAUNCH = { ec2: 'AWS::ECS::EC2', fargate: 'AWS::ECS::Fargate' } as const;

export type AwsResourceType =
  | (typeof TYPE_OF_PLATFORM)[keyof typeof TYPE_OF_PLATFORM]
  | (typeof TYPE_OF_LAUNCH)[keyof typeof TYPE_OF_LAUNCH];

/** Returns the resource type for a value of `cloud.platform`. */
export function platformType(platform: string | undefined): AwsResourceType | undefined {
  return lookUp(TYPE_OF_PLATFORM, platform);
}

/** Returns the resource type for a value of `aws.ecs.launchtype`, in upper or lower case. */
export function launchType(launch: string | undefined): AwsResourceType | undefined {
  return lookUp(TYPE_OF_LAUNCH, launch?.toLowerCase());
}

function lookUp<T extends AwsResourceType>(
  table: Readonly<Record<string, T>>,
  key: string | undefined,
): T | undefined {
  return key !== undefined && Object.hasOwn(table, key) ? table[key] : undefined;
}
