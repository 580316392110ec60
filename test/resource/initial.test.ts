import { expect, test } from 'vitest';
import { detectResource } from '../../src/resource/index.ts';
import { resourceDeps, type World } from '../support/metadata.ts';
import { BEANSTALK_CONF, BEANSTALK_FILE, EKS_FILES, LAMBDA_ENV } from '../support/places.ts';

const K8S = { KUBERNETES_SERVICE_HOST: '10.100.0.1', KUBERNETES_SERVICE_PORT: '443' };
const POD_TOKEN = '/var/run/secrets/kubernetes.io/serviceaccount/token';

interface Case extends World {
  readonly rule: string;
  readonly names: readonly string[];
  readonly initial: Readonly<Record<string, unknown>>;
  readonly warnings?: readonly unknown[];
  readonly informed?: readonly unknown[];
}

test.for<Case>([
  {
    rule: 'env: pairs are trimmed and percent-decoded, OTEL_SERVICE_NAME has priority',
    names: ['env'],
    env: {
      OTEL_RESOURCE_ATTRIBUTES: ' service.name=a , deployment.environment.name=pr%C3%A9prod%2C1,,',
      OTEL_SERVICE_NAME: 'checkout',
    },
    initial: { 'service.name': 'checkout', 'deployment.environment.name': 'préprod,1' },
  },
  {
    rule: 'env: an invalid pair discards the whole value and is reported',
    names: ['env'],
    env: { OTEL_RESOURCE_ATTRIBUTES: 'a=1,b', OTEL_SERVICE_NAME: 'checkout' },
    initial: { 'service.name': 'checkout' },
    informed: ['OTEL_RESOURCE_ATTRIBUTES is ignored: expected key=value,key=value'],
  },
  {
    rule: 'env: invalid percent-encoding discards the whole value and is reported',
    names: ['env'],
    env: { OTEL_RESOURCE_ATTRIBUTES: 'a=100%' },
    initial: {},
    informed: ['OTEL_RESOURCE_ATTRIBUTES is ignored: expected percent-encoded values'],
  },
  {
    rule: 'process: arguments and user are not included',
    names: ['process'],
    initial: {
      'process.pid': 42,
      'process.executable.name': 'node',
      'process.executable.path': '/usr/bin/node',
      'process.command': '/app/server.js',
      'process.runtime.name': 'nodejs',
      'process.runtime.version': '24.21.0',
      'process.runtime.description': 'Node.js',
    },
  },
  {
    rule: 'host and os: values of the semantic conventions, without host.id',
    names: ['host', 'os'],
    platform: 'win32',
    initial: {
      'host.name': 'host-1',
      'host.arch': 'amd64',
      'os.type': 'windows',
      'os.version': '6.1.0',
    },
  },
  {
    rule: 'serviceinstance: a random id',
    names: ['serviceinstance'],
    initial: { 'service.instance.id': '00000000-0000-4000-8000-000000000001' },
  },
  {
    rule: 'lambda: all attributes are read from the environment',
    names: ['lambda'],
    env: LAMBDA_ENV,
    initial: {
      'cloud.provider': 'aws',
      'cloud.platform': 'aws_lambda',
      'cloud.region': 'eu-west-1',
      'service.name': 'checkout',
      'faas.name': 'checkout',
      'faas.version': '$LATEST',
      'faas.instance': '2026/11/20/[$LATEST]abc',
      'faas.max_memory': 536_870_912,
      'aws.log.group.names': ['/aws/lambda/checkout'],
    },
  },
  {
    rule: 'lambda: SnapStart has no log names, and an invalid memory size is omitted',
    names: ['lambda'],
    env: { AWS_LAMBDA_FUNCTION_NAME: 'f', AWS_LAMBDA_FUNCTION_MEMORY_SIZE: 'much' },
    initial: {
      'cloud.provider': 'aws',
      'cloud.platform': 'aws_lambda',
      'service.name': 'f',
      'faas.name': 'f',
    },
  },
  {
    rule: 'apprunner: applies if the detector is configured',
    names: ['apprunner'],
    env: { AWS_REGION: 'eu-west-1' },
    initial: {
      'cloud.provider': 'aws',
      'cloud.platform': 'aws_app_runner',
      'cloud.region': 'eu-west-1',
    },
  },
  {
    rule: 'beanstalk: overrides the random instance id, the environment overrides the service name',
    names: ['env', 'serviceinstance', 'beanstalk'],
    env: { OTEL_SERVICE_NAME: 'shop' },
    files: { [BEANSTALK_FILE]: BEANSTALK_CONF },
    initial: {
      'cloud.provider': 'aws',
      'cloud.platform': 'aws_elastic_beanstalk',
      'service.name': 'shop',
      'service.namespace': 'shop-prod',
      'service.version': 'app-5a56-170119_190650',
      'service.instance.id': '32',
    },
  },
  {
    rule: 'beanstalk: the file has another path on Windows',
    names: ['beanstalk'],
    platform: 'win32',
    files: { 'C:\\Program Files\\Amazon\\XRay\\environment.conf': '{"deployment_id":"7"}' },
    initial: {
      'cloud.provider': 'aws',
      'cloud.platform': 'aws_elastic_beanstalk',
      'service.instance.id': '7',
    },
  },
  {
    rule: 'beanstalk: the platform is detected from an invalid file, which is reported',
    names: ['beanstalk'],
    files: { [BEANSTALK_FILE]: 'deployment_id: 3' },
    initial: { 'cloud.provider': 'aws', 'cloud.platform': 'aws_elastic_beanstalk' },
    warnings: [
      `Elastic Beanstalk: ${BEANSTALK_FILE}: the response is not a JSON object: "deployment_id: 3"`,
    ],
  },
  {
    rule: 'ecs: detected by the endpoint, with the launch type from the execution environment',
    names: ['ecs'],
    env: {
      ECS_CONTAINER_METADATA_URI_V4: 'http://169.254.170.2/v4/x',
      AWS_EXECUTION_ENV: 'AWS_ECS_FARGATE',
      AWS_REGION: 'eu-west-1',
    },
    initial: {
      'cloud.provider': 'aws',
      'cloud.platform': 'aws_ecs',
      'cloud.region': 'eu-west-1',
      'container.name': 'host-1',
      'aws.ecs.launchtype': 'fargate',
    },
  },
  {
    rule: 'eks: detected by the issuer of the pod’s token, which contains the region',
    names: ['eks'],
    env: K8S,
    files: EKS_FILES,
    initial: {
      'cloud.provider': 'aws',
      'cloud.platform': 'aws_eks',
      'cloud.region': 'eu-west-1',
      'k8s.pod.name': 'host-1',
      'k8s.namespace.name': 'shop',
    },
  },
  {
    rule: 'eks: not detected with an invalid token or a token of another Kubernetes cluster',
    names: ['eks'],
    env: K8S,
    files: { [POD_TOKEN]: `e30.${Buffer.from('{"iss":"kubernetes/x"}').toString('base64url')}.x` },
    initial: {},
  },
  {
    rule: 'eks: not detected if the token cannot be parsed',
    names: ['eks'],
    env: K8S,
    files: { [POD_TOKEN]: 'garbage' },
    initial: {},
  },
  {
    rule: 'aws: no attributes and no warnings outside AWS',
    names: ['aws'],
    initial: {},
  },
  { rule: 'none: no attributes', names: ['none'], env: { OTEL_SERVICE_NAME: 'x' }, initial: {} },
  {
    rule: 'names of other cloud providers are accepted and have no effect',
    names: ['gcp', 'azure', 'alibaba'],
    initial: {},
  },
  {
    rule: 'an unknown name is reported, the others apply; case and spaces are ignored',
    names: [' ENV ', 'heroku'],
    env: { OTEL_SERVICE_NAME: 'x' },
    initial: { 'service.name': 'x' },
    warnings: [
      'unknown resource detector "heroku" is ignored; expected one of process, os, host, serviceinstance, ' +
        'container, ec2, ecs, eks, apprunner, beanstalk, lambda, env, aws, all, none, gcp, azure, alibaba',
    ],
  },
])('$rule', ({ names, initial, warnings = [], informed = [], ...world }) => {
  const deps = resourceDeps(world);
  expect(detectResource(names, deps).initial).toEqual(initial);
  expect(deps.warnings).toEqual(warnings);
  expect(deps.informed).toEqual(informed);
});

test('a detector that throws is reported, and the others apply', () => {
  const deps = {
    ...resourceDeps({ env: { OTEL_SERVICE_NAME: 'x' } }),
    uuid: () => {
      throw new Error('no entropy');
    },
  };
  expect(detectResource(['serviceinstance', 'env'], deps).initial).toEqual({ 'service.name': 'x' });
  expect(deps.warnings).toEqual(['resource detector serviceinstance: no entropy']);
});
