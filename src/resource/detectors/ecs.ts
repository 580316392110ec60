import type { Attributes } from '@opentelemetry/api';
import type { Detector } from '../detector.ts';
import { parseObject, textOf, withoutEmpty } from '../detector.ts';

type Facts = Readonly<Record<string, unknown>>;

/**
 * Detects Amazon ECS, on EC2 and Fargate, with the task metadata endpoint, version 4.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4.html
 */
export const ecsDetector: Required<Pick<Detector, 'detect' | 'detectAsync'>> = {
  detect({ env, system }) {
    if (!endpointOf(env)) return {};
    const [, launchType] = /^AWS_ECS_(EC2|FARGATE)$/.exec(env['AWS_EXECUTION_ENV'] ?? '') ?? [];
    return withoutEmpty({
      'cloud.provider': 'aws',
      'cloud.platform': 'aws_ecs',
      'cloud.region': env['AWS_REGION'],
      // X-Ray expects the host name of the container here, as the X-Ray SDKs send it.
      'container.name': system.hostname,
      'aws.ecs.launchtype': launchType?.toLowerCase(),
    });
  },
  async detectAsync({ env, fetch }) {
    const endpoint = endpointOf(env);
    if (!endpoint) return {};
    const [container, task] = await Promise.all([
      fetch({ url: endpoint }).then(parseObject),
      fetch({ url: `${endpoint}/task` }).then(parseObject),
    ]);
    return withoutEmpty({ ...taskAttributes(task), ...containerAttributes(container) });
  },
};

function endpointOf(env: Readonly<Record<string, string | undefined>>): string | undefined {
  return env['ECS_CONTAINER_METADATA_URI_V4']?.trim().replace(/\/+$/, '') || undefined;
}

function taskAttributes(task: Facts): Attributes {
  const taskArn = textOf(task['TaskARN']);
  const cluster = textOf(task['Cluster']);
  const { partition, region, account } = arnParts(taskArn);
  return {
    'aws.ecs.launchtype': textOf(task['LaunchType'])?.toLowerCase(),
    'aws.ecs.task.arn': taskArn,
    'aws.ecs.task.id': taskArn?.slice(taskArn.lastIndexOf('/') + 1),
    'aws.ecs.task.family': textOf(task['Family']),
    'aws.ecs.task.revision': textOf(task['Revision']),
    // On Fargate `Cluster` is an ARN; on EC2 it is the short name.
    'aws.ecs.cluster.arn':
      cluster === undefined || cluster.startsWith('arn:') || account === undefined
        ? cluster
        : `arn:${partition}:ecs:${region}:${account}:cluster/${cluster}`,
    'cloud.account.id': account,
    'cloud.region': region,
    'cloud.availability_zone': textOf(task['AvailabilityZone']),
  };
}

function containerAttributes(container: Facts): Attributes {
  const arn = textOf(container['ContainerARN']);
  const tag = /:([\w][\w.-]{0,127})$/.exec(textOf(container['Image']) ?? '')?.[1];
  return {
    'container.id': textOf(container['DockerId']),
    'container.image.tags': tag === undefined ? undefined : [tag],
    'aws.ecs.container.arn': arn,
    'cloud.resource_id': arn,
    ...logAttributes(container, arn),
  };
}

function logAttributes(container: Facts, containerArn: string | undefined): Attributes {
  const options = container['LogOptions'] as Facts | null | undefined;
  const group = textOf(options?.['awslogs-group']);
  if (container['LogDriver'] !== 'awslogs' || group === undefined) return {};
  const { partition, region, account } = arnParts(containerArn);
  const logRegion = textOf(options?.['awslogs-region']) ?? region;
  const stream = textOf(options?.['awslogs-stream']);
  return {
    'aws.log.group.names': [group],
    'aws.log.group.arns':
      account && logRegion
        ? [`arn:${partition}:logs:${logRegion}:${account}:log-group:${group}`]
        : undefined,
    'aws.log.stream.names': stream === undefined ? undefined : [stream],
  };
}

/** Splits an ARN of any partition: `aws`, `aws-cn`, `aws-us-gov`. */
function arnParts(arn: string | undefined): {
  partition?: string | undefined;
  region?: string | undefined;
  account?: string | undefined;
} {
  const [, partition, , region, account] = arn?.split(':') ?? [];
  return { partition, region, account };
}
