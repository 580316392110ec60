import type { Routes, World } from './metadata.ts';

const ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';
const CONTAINER_ID = 'b7d2a1c04e5f6a7b8c9d0e1f2a3b4c5d6e7f8091a2b3c4d5e6f708192a3b4c5d';

/** A service account token as EKS issues it; the signature is never checked. */
export const EKS_TOKEN: string = [
  { alg: 'RS256' },
  {
    iss: 'https://oidc.eks.eu-west-1.amazonaws.com/id/ABCDEF0123456789',
    sub: 'system:serviceaccount:shop:default',
  },
]
  .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
  .concat('c2ln')
  .join('.');

export const IMDS_TOKEN = 'AQAEAtoken==';

export const IDENTITY: string = JSON.stringify({
  accountId: '123456789012',
  architecture: 'x86_64',
  availabilityZone: 'eu-west-1a',
  devpayProductCodes: null,
  imageId: 'ami-0abcdef1234567890',
  instanceId: 'i-0123456789abcdef0',
  instanceType: 'm7g.large',
  privateIp: '10.0.0.7',
  region: 'eu-west-1',
  version: '2017-09-30',
});

/** EC2's metadata service, version 2: GET needs the token from PUT. */
export const IMDS: Routes = {
  'PUT /latest/api/token': IMDS_TOKEN,
  'GET /latest/dynamic/instance-identity/document': IDENTITY,
};

const TASK = 'arn:aws:ecs:eu-west-1:123456789012:task/shop/158d1c8083dd49d6b527399fd6414f5c';
const CONTAINER =
  'arn:aws:ecs:eu-west-1:123456789012:container/shop/158d1c8083dd49d6b527399fd6414f5c/0f1';

export const ECS_CONTAINER: string = JSON.stringify({
  DockerId: '158d1c8083dd49d6b527399fd6414f5c-2495160603',
  Name: 'web',
  DockerName: 'web',
  Image: '123456789012.dkr.ecr.eu-west-1.amazonaws.com/web:v17',
  ContainerARN: CONTAINER,
  LogDriver: 'awslogs',
  LogOptions: {
    'awslogs-group': '/ecs/web',
    'awslogs-region': 'eu-west-1',
    'awslogs-stream': 'web/web/158d1c80',
  },
});

export function ecsTask(launchType: 'EC2' | 'FARGATE', cluster: string): string {
  return JSON.stringify({
    Cluster: cluster,
    TaskARN: TASK,
    Family: 'shop',
    Revision: '7',
    LaunchType: launchType,
    AvailabilityZone: 'eu-west-1b',
    Containers: [],
  });
}

export const ECS_EXPECTED: Readonly<Record<string, unknown>> = {
  'cloud.provider': 'aws',
  'cloud.platform': 'aws_ecs',
  'cloud.region': 'eu-west-1',
  'cloud.account.id': '123456789012',
  'cloud.availability_zone': 'eu-west-1b',
  'cloud.resource_id': CONTAINER,
  'container.name': 'host-1',
  'container.id': '158d1c8083dd49d6b527399fd6414f5c-2495160603',
  'container.image.tags': ['v17'],
  'aws.ecs.cluster.arn': 'arn:aws:ecs:eu-west-1:123456789012:cluster/shop',
  'aws.ecs.container.arn': CONTAINER,
  'aws.ecs.task.arn': TASK,
  'aws.ecs.task.id': '158d1c8083dd49d6b527399fd6414f5c',
  'aws.ecs.task.family': 'shop',
  'aws.ecs.task.revision': '7',
  'aws.log.group.names': ['/ecs/web'],
  'aws.log.group.arns': ['arn:aws:logs:eu-west-1:123456789012:log-group:/ecs/web'],
  'aws.log.stream.names': ['web/web/158d1c80'],
};

/** Files of a pod in EKS, without the address of the API server. */
export const EKS_FILES: NonNullable<World['files']> = {
  [`${ACCOUNT}/token`]: `${EKS_TOKEN}\n`,
  [`${ACCOUNT}/namespace`]: 'shop\n',
  '/proc/self/cgroup': '0::/\n',
  '/proc/self/mountinfo':
    '1462 1453 0:33 / /sys ro - sysfs sysfs ro\n' +
    `1475 1453 259:1 /var/lib/containerd/io.containerd.grpc.v1.cri/sandboxes/${CONTAINER_ID}/hostname /etc/hostname rw - ext4 /dev/root rw\n`,
};
export const EKS_CONTAINER_ID: string = CONTAINER_ID;
export const EKS_CLUSTER_INFO: string =
  '/api/v1/namespaces/amazon-cloudwatch/configmaps/cluster-info';
export const EKS_CA_FILE: string = `${ACCOUNT}/ca.crt`;

export const BEANSTALK_FILE = '/var/elasticbeanstalk/xray/environment.conf';
export const BEANSTALK_CONF: string = JSON.stringify({
  deployment_id: 32,
  version_label: 'app-5a56-170119_190650',
  environment_name: 'shop-prod',
});

export const LAMBDA_ENV: Readonly<Record<string, string>> = {
  AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
  AWS_LAMBDA_FUNCTION_NAME: 'checkout',
  AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512',
  AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/checkout',
  AWS_LAMBDA_LOG_STREAM_NAME: '2026/11/20/[$LATEST]abc',
  AWS_REGION: 'eu-west-1',
  LAMBDA_TASK_ROOT: '/var/task',
};
