import { expect, test } from 'vitest';
import type { TranslatorOptions } from '../../../src/translator/context/options.ts';
import { toDocuments } from '../../../src/translator/index.ts';
import type { SpanAttributes } from '../../../src/translator/span.ts';
import type { SpanParts } from '../../support/span.ts';
import { span } from '../../support/span.ts';
import { translated } from '../../support/translated.ts';

const XRAY = { auto_instrumentation: false };

test.for([
  {
    rule: 'EC2',
    resource: {
      'cloud.platform': 'aws_ec2',
      'host.id': 'i-1',
      'cloud.availability_zone': 'z',
      'host.type': 't',
      'host.image.id': 'a',
    },
    aws: { ec2: { instance_id: 'i-1', availability_zone: 'z', instance_size: 't', ami_id: 'a' } },
    origin: 'AWS::EC2::Instance',
  },
  {
    rule: 'a machine id is not an EC2 instance',
    resource: { 'host.id': '0123456789abcdef' },
    aws: {},
    origin: undefined,
  },
  {
    rule: 'an EC2 instance id',
    resource: { 'host.id': 'i-0abc' },
    aws: { ec2: { instance_id: 'i-0abc' } },
    origin: undefined,
  },
  {
    rule: 'ECS on Fargate',
    resource: {
      'cloud.platform': 'aws_ecs',
      'aws.ecs.launchtype': 'FARGATE',
      'container.name': 'web',
      'container.id': 'c',
      'aws.ecs.container.arn': 'ca',
      'aws.ecs.cluster.arn': 'cl',
      'aws.ecs.task.arn': 'ta',
      'aws.ecs.task.family': 'fam',
    },
    aws: {
      ecs: {
        container: 'web',
        container_id: 'c',
        container_arn: 'ca',
        cluster_arn: 'cl',
        task_arn: 'ta',
        task_family: 'fam',
        launch_type: 'FARGATE',
      },
    },
    origin: 'AWS::ECS::Fargate',
  },
  {
    rule: 'ECS on EC2',
    resource: { 'cloud.platform': 'aws_ecs', 'aws.ecs.launchtype': 'ec2' },
    aws: { ecs: { launch_type: 'ec2' } },
    origin: 'AWS::ECS::EC2',
  },
  {
    rule: 'ECS elsewhere',
    resource: { 'cloud.platform': 'aws_ecs' },
    aws: {},
    origin: 'AWS::ECS::Container',
  },
  {
    rule: 'EKS',
    resource: {
      'cloud.platform': 'aws_eks',
      'k8s.cluster.name': 'prod',
      'k8s.pod.uid': 'u',
      'container.id': 'c',
    },
    aws: { eks: { cluster_name: 'prod', pod: 'u', container_id: 'c' } },
    origin: 'AWS::EKS::Container',
  },
  {
    rule: 'Elastic Beanstalk',
    resource: {
      'cloud.platform': 'aws_elastic_beanstalk',
      'service.namespace': 'env',
      'service.instance.id': '32',
    },
    aws: { elastic_beanstalk: { environment_name: 'env', deployment_id: 32 } },
    origin: 'AWS::ElasticBeanstalk::Environment',
  },
  {
    rule: 'Elastic Beanstalk with an odd deployment',
    resource: {
      'cloud.platform': 'aws_elastic_beanstalk',
      'service.namespace': 'env',
      'service.instance.id': 'x',
    },
    aws: { elastic_beanstalk: { environment_name: 'env' } },
    origin: 'AWS::ElasticBeanstalk::Environment',
  },
  {
    rule: 'App Runner',
    resource: { 'cloud.platform': 'aws_app_runner' },
    aws: {},
    origin: 'AWS::AppRunner::Service',
  },
  {
    rule: 'Lambda has no specific origin',
    resource: { 'cloud.platform': 'aws_lambda', 'cloud.account.id': '123456789012' },
    aws: { account_id: '123456789012' },
    origin: undefined,
  },
  {
    rule: 'log groups by ARN',
    resource: {
      'aws.log.group.arns': ['arn:aws:logs:r:1:log-group:g1:*', 'bad'],
      'aws.log.group.names': 'no',
    },
    aws: {
      cloudwatch_logs: [
        { log_group: 'g1', arn: 'arn:aws:logs:r:1:log-group:g1:*' },
        { log_group: 'bad', arn: 'bad' },
      ],
    },
    origin: undefined,
  },
  {
    rule: 'log groups by name',
    resource: { 'aws.log.group.names': 'g1&&g2' },
    aws: { cloudwatch_logs: [{ log_group: 'g1' }, { log_group: 'g2' }] },
    origin: undefined,
  },
])('platform: $rule', ({ resource, aws, origin }) => {
  const [document] = translated({ resource });
  expect(document?.aws).toEqual({ ...aws, xray: XRAY });
  expect(document?.origin).toBe(origin);
});

test('platform: log groups of the options, if the resource names none', () => {
  const [document] = translated({ resource: {} }, { logGroupNames: ['g'] });
  expect(document?.aws).toEqual({ cloudwatch_logs: [{ log_group: 'g' }], xray: XRAY });
});

test('platform: no block and no origin on another cloud', () => {
  const resource = { 'cloud.provider': 'azure', 'cloud.platform': 'aws_ec2' };
  const [document] = translated({ resource });
  expect([document?.aws, document?.origin]).toEqual([undefined, undefined]);
});

test('platform, origin and service are only in segments (B-37)', () => {
  const resource = { 'cloud.platform': 'aws_ec2', 'host.id': 'i-1', 'service.version': '7' };
  const parts: SpanParts = { kind: 'CLIENT', parent: '1111111111111111', resource };
  const [document] = translated(parts, { resourceMetadata: 'all' });
  const { aws, origin, service, metadata } = document ?? {};
  expect([document?.name, aws, origin, service, metadata]).toEqual([
    'GET /cart',
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});

test('platform: SDK, distribution and sampling rule (B-38)', () => {
  const [document] = translated({
    attributes: { 'aws.xray.sampling_rule': 'checkout-writes' },
    resource: {
      'telemetry.sdk.name': 'opentelemetry',
      'telemetry.sdk.version': '2.12.0',
      'telemetry.distro.name': 'otel-xray',
      'telemetry.distro.version': '0.1.0',
    },
  });
  expect(document?.aws?.xray).toEqual({
    sdk: 'opentelemetry',
    sdk_version: '2.12.0',
    package: 'otel-xray',
    auto_instrumentation: true,
    sampling_rule_name: 'checkout-writes',
  });
  expect(document?.metadata).toBeUndefined();
});

test.for([
  {
    resource: { 'service.version': '7', 'container.image.tags': ['t'] },
    service: { version: '7' },
  },
  { resource: { 'service.version': 3 }, service: { version: '3' } },
  { resource: { 'container.image.tags': ['v2', 'latest'] }, service: { version: 'v2' } },
  {
    resource: { 'container.image.tags': [], 'container.image.tag': 'old' },
    service: { version: 'old' },
  },
  {
    resource: { 'process.runtime.name': 'nodejs', 'process.runtime.version': '24' },
    service: { runtime: 'node', runtime_version: '24' },
  },
  { resource: {}, service: undefined },
])('service: $resource (B-41)', ({ resource, service }) => {
  expect(translated({ resource })[0]?.service).toEqual(service);
  const parts: SpanParts = { kind: 'INTERNAL', parent: '1111111111111111', resource };
  expect(translated(parts)[0]?.service).toBeUndefined();
});

test('values computed from a resource are cached, unless detectors are pending', () => {
  const options: TranslatorOptions = { resourceMetadata: 'all' };
  const attributes: Record<string, unknown> = { 'service.name': 'a' };
  const resource = { attributes, asyncAttributesPending: true };
  const names = (): unknown => translatedWith(resource, options);
  expect(names()).toBe('a');
  attributes['service.name'] = 'b';
  expect(names()).toBe('b');
  resource.asyncAttributesPending = false;
  expect(names()).toBe('b');
  attributes['service.name'] = 'c';
  expect(names()).toBe('b');
});

function translatedWith(
  resource: { attributes: SpanAttributes },
  options: TranslatorOptions,
): unknown {
  return toDocuments({ ...span(), resource }, options)[0]?.name;
}
