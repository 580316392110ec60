import { expect, test } from 'vitest';
import { toDocuments } from '../../src/translator/index.ts';
import type { TranslatorOptions } from '../../src/translator/options.ts';
import type { SpanAttributes } from '../../src/translator/span.ts';
import type { KIND, SpanParts } from '../support/span.ts';
import { span } from '../support/span.ts';
import { translated } from '../support/translated.ts';

interface Row {
  readonly rule: string;
  readonly kind?: keyof typeof KIND;
  readonly name?: string;
  readonly attributes: SpanAttributes;
  readonly resource?: SpanAttributes;
  readonly options?: TranslatorOptions;
  readonly block?: unknown;
  readonly rest?: SpanAttributes;
}

const PG = { 'db.system.name': 'postgresql', 'server.address': 'h' };

const SQL: readonly Row[] = [
  {
    rule: 'new names (B-39, B-40)',
    attributes: {
      ...PG,
      'server.port': 5432,
      'db.namespace': 'shop',
      'db.query.text': 'SELECT $1',
    },
    block: {
      url: 'postgresql://h:5432/shop',
      sanitized_query: 'SELECT $1',
      database_type: 'postgresql',
    },
  },
  {
    rule: 'old names',
    attributes: {
      'db.system': 'mysql',
      'net.peer.name': 'h',
      'net.peer.port': '3306',
      'db.name': 'shop',
      'db.statement': 'SELECT 1',
      'db.user': 'app',
    },
    block: {
      url: 'mysql://h:3306/shop',
      sanitized_query: 'SELECT 1',
      database_type: 'mysql',
      user: 'app',
    },
  },
  {
    rule: 'a system that is not SQL has no block and keeps all',
    attributes: { 'db.system': 'redis', 'db.statement': 'GET k', 'net.peer.name': 'h' },
    rest: { 'db.system': 'redis', 'db.statement': 'GET k', 'net.peer.name': 'h' },
  },
  {
    rule: 'both systems: the stable one wins, the other stays',
    attributes: { 'db.system.name': 'mysql', 'db.system': 'sqlite' },
    name: 'SELECT',
    block: { url: 'SELECT', database_type: 'mysql' },
    rest: { 'db.system': 'sqlite' },
  },
  {
    rule: 'the span name where no host is known; the database then stays',
    attributes: { 'db.system': 'sqlite', 'db.name': 'app' },
    name: 'SELECT app',
    block: { url: 'SELECT app', database_type: 'sqlite' },
    rest: { 'db.name': 'app' },
  },
  {
    rule: 'a scheme is no name of a system',
    attributes: {
      'db.system.name': 'microsoft.sql_server',
      'server.address': '::1',
      'db.namespace': 'a b',
    },
    block: { url: 'sqlserver://[::1]/a%20b', database_type: 'microsoft.sql_server' },
  },
  {
    rule: 'a connection URL is the URL, without credentials (B-25)',
    attributes: {
      'db.system': 'postgresql',
      'db.connection_string': 'postgresql://u:p@db:5432/shop?password=x',
      'db.name': 'shop',
      'net.peer.name': 'db',
      'net.peer.port': 5432,
    },
    block: { url: 'postgresql://db:5432/shop?password=REDACTED', database_type: 'postgresql' },
  },
  {
    rule: 'what a connection URL does not say stays',
    attributes: {
      'db.system': 'mysql',
      'db.connection_string': 'jdbc:mysql://db:3306',
      'db.name': 'shop',
      'net.peer.name': 'other',
    },
    block: { url: 'jdbc:mysql://db:3306', database_type: 'mysql' },
    rest: { 'db.name': 'shop', 'net.peer.name': 'other' },
  },
  {
    rule: 'another connection string stands beside the URL',
    attributes: {
      'db.system': 'mssql',
      'db.connection_string': 'Server=h;User Id=sa;Password={a;b};Pwd="x y"',
      'net.peer.name': 'h',
    },
    block: {
      url: 'sqlserver://h',
      connection_string: 'Server=h;User Id=sa;Password=REDACTED;Pwd=REDACTED',
      database_type: 'mssql',
    },
  },
  {
    rule: 'the credentials of an Oracle thin URL',
    attributes: {
      'db.system': 'oracle',
      'db.connection_string': 'jdbc:oracle:thin:scott/tiger@h:1521:x',
    },
    name: 'q',
    block: { url: 'q', connection_string: 'jdbc:oracle:thin:@h:1521:x', database_type: 'oracle' },
  },
  {
    rule: 'prepared: a plan',
    attributes: { ...PG, 'db.postgresql.plan': 'p' },
    block: { url: 'postgresql://h', database_type: 'postgresql', preparation: 'statement' },
    rest: { 'db.postgresql.plan': 'p' },
  },
  {
    rule: 'prepared: parameters',
    attributes: { ...PG, 'db.query.parameter.0': 'x' },
    block: { url: 'postgresql://h', database_type: 'postgresql', preparation: 'statement' },
    rest: { 'db.query.parameter.0': 'x' },
  },
  {
    rule: 'prepared: a call',
    attributes: { ...PG, 'db.query.text': ' call f()' },
    block: {
      url: 'postgresql://h',
      sanitized_query: ' call f()',
      database_type: 'postgresql',
      preparation: 'call',
    },
  },
  {
    rule: 'versions',
    attributes: {
      ...PG,
      'aws.xray.sql.database_version': '16',
      'aws.xray.sql.driver_version': '8',
    },
    block: {
      url: 'postgresql://h',
      database_type: 'postgresql',
      database_version: '16',
      driver_version: '8',
    },
  },
  {
    rule: 'a long query is cut, and that is recorded',
    attributes: { ...PG, 'db.query.text': 'x'.repeat(20_000) },
    block: {
      url: 'postgresql://h',
      sanitized_query: 'x'.repeat(16_384),
      database_type: 'postgresql',
    },
    rest: { 'xray.truncated': ['db.query.text'] },
  },
  {
    rule: 'withheld: neither text nor values, anywhere',
    attributes: {
      ...PG,
      'db.query.text': 'call f',
      'db.statement': 's',
      'db.query.parameter.0': 'x',
      'db.postgresql.values': ['v'],
      'aws.xray.annotations': ['db.statement', 'db.query.text'],
    },
    options: { recordSqlQuery: false, indexedAttributes: ['db.*'] },
    block: { url: 'postgresql://h', database_type: 'postgresql', preparation: 'statement' },
  },
  {
    rule: 'withheld: of other systems, too',
    attributes: { 'db.system': 'redis', 'db.statement': 'SET secret' },
    options: { recordSqlQuery: false },
    rest: { 'db.system': 'redis' },
  },
];

test.for(SQL)('sql: $rule', ({ kind = 'CLIENT', name, attributes, options, block, rest }) => {
  const parts: SpanParts = { kind, attributes, parent: '1111111111111111' };
  const [document] = translated({ name: name ?? 'op', ...parts }, options);
  expect(document?.sql).toEqual(block);
  expect(document?.metadata?.['default']).toEqual(rest);
});

test('sql: a megabyte of made-up connection string takes no time', () => {
  const attributes = { 'db.system': 'mssql', 'db.connection_string': ';pwd={'.repeat(170_000) };
  const [document] = translated({ kind: 'CLIENT', parent: '1111111111111111', attributes });
  expect(document?.sql?.connection_string?.length).toBeLessThanOrEqual(2_048);
});

test('sql: a segment has no block, and shows the attributes', () => {
  const [document] = translated({ attributes: { 'db.system': 'mysql', 'db.user': 'u' } });
  expect([document?.sql, document?.metadata]).toEqual([
    undefined,
    { default: { 'db.system': 'mysql', 'db.user': 'u' } },
  ]);
});

const SDK = { 'rpc.system': 'aws-api' };
const KEPT = { 'rpc.system': 'aws-api' };

const AWS: readonly Row[] = [
  {
    rule: 'operation and region of the SDK (B-35)',
    attributes: {
      ...SDK,
      'rpc.method': 'S3/GetObject',
      'cloud.region': 'r',
      'aws.request.id': 'i',
      'aws.request.extended_id': 'e',
    },
    block: { operation: 'GetObject', region: 'r', request_id: 'i', id_2: 'e' },
    rest: KEPT,
  },
  {
    rule: 'rpc.method of another protocol is no operation (B-33)',
    attributes: { 'rpc.system': 'grpc', 'rpc.method': 'Unary', 'cloud.region': 'r' },
    rest: { 'rpc.system': 'grpc', 'rpc.method': 'Unary', 'cloud.region': 'r' },
  },
  {
    rule: 'the first names win, equal ones go with them',
    attributes: {
      'aws.operation': 'A',
      'aws.region': 'r',
      'aws.request_id': 'i',
      'aws.requestId': 'j',
      'aws.request.id': 'i',
    },
    block: { operation: 'A', region: 'r', request_id: 'i' },
    rest: { 'aws.requestId': 'j' },
  },
  {
    rule: 'an account of twelve digits (B-34)',
    attributes: { 'aws.account_id': '123456789012' },
    block: { account_id: '123456789012' },
  },
  {
    rule: 'another account stays',
    attributes: { 'aws.account_id': '12' },
    rest: { 'aws.account_id': '12' },
  },
  {
    rule: 'one table',
    attributes: {
      ...SDK,
      'aws.dynamodb.table_names': ['t'],
      'aws.table.name': 't',
      'db.system.name': 'dynamodb',
      'db.namespace': 't',
    },
    block: { table_name: 't' },
    rest: { ...KEPT, 'db.system.name': 'dynamodb' },
  },
  {
    rule: 'several tables',
    attributes: { 'aws.dynamodb.table_names': ['a', 'b'] },
    block: { table_names: ['a', 'b'] },
  },
  {
    rule: 'the database of a DynamoDB call is the table',
    attributes: { ...SDK, 'rpc.service': 'DynamoDB', 'db.name': 't' },
    block: { table_name: 't' },
    rest: { ...KEPT, 'rpc.service': 'DynamoDB' },
  },
  {
    rule: 'the queue of a call (B-26)',
    attributes: { ...SDK, 'messaging.system': 'aws_sqs', 'url.full': 'https://u:p@sqs/1/q' },
    block: { queue_url: 'https://sqs/1/q' },
    rest: { ...KEPT, 'messaging.system': 'aws_sqs' },
  },
  {
    rule: 'the queue by older names',
    attributes: { 'messaging.url': 'https://sqs/1/q', 'aws.queue_url': 'https://sqs/1/q' },
    block: { queue_url: 'https://sqs/1/q' },
    rest: { 'aws.queue_url': 'https://sqs/1/q' },
  },
  {
    rule: 'a broker is no queue of AWS',
    attributes: { 'messaging.system': 'rabbitmq', 'messaging.url': 'amqp://h' },
    rest: { 'messaging.system': 'rabbitmq', 'messaging.url': 'amqp://h' },
  },
  {
    rule: 'bucket and key (B-36)',
    attributes: { 'aws.s3.bucket': 'b', 'aws.s3.key': 'k' },
    block: { bucket_name: 'b', key: 'k' },
  },
  {
    rule: 'topic',
    attributes: { ...SDK, 'rpc.service': 'SNS', 'messaging.destination.name': 'arn:aws:sns:r:1:t' },
    block: { topic_arn: 'arn:aws:sns:r:1:t' },
    rest: { ...KEPT, 'rpc.service': 'SNS' },
  },
  {
    rule: 'function and stream',
    attributes: {
      'faas.invoked_provider': 'aws',
      'faas.invoked_name': 'f',
      'aws.kinesis.stream.name': 's',
    },
    block: { function_name: 'f', stream_name: 's' },
    rest: { 'faas.invoked_provider': 'aws' },
  },
  {
    rule: 'retries',
    attributes: { ...SDK, 'http.request.resend_count': 2 },
    block: { retries: 2 },
    rest: KEPT,
  },
  {
    rule: 'an SDK call from another cloud keeps its fields (B-32)',
    attributes: { ...SDK, 'rpc.method': 'Put' },
    resource: { 'cloud.provider': 'gcp' },
    block: { operation: 'Put' },
    rest: KEPT,
  },
  {
    rule: 'another span there has no block',
    attributes: { 'aws.operation': 'x' },
    resource: { 'cloud.provider': 'gcp' },
    rest: { 'aws.operation': 'x' },
  },
  {
    rule: 'wrong types stay',
    attributes: { 'aws.operation': 5, 'aws.region': ['r'], 'aws.dynamodb.table_names': [1] },
    rest: { 'aws.operation': 5, 'aws.region': ['r'], 'aws.dynamodb.table_names': [1] },
  },
];

test.for(AWS)('aws: $rule', ({ attributes, resource, block, rest }) => {
  const parts: SpanParts = { kind: 'CLIENT', attributes, parent: '1111111111111111' };
  const [document] = translated(resource === undefined ? parts : { ...parts, resource });
  expect(document?.aws).toEqual(block);
  expect(document?.metadata?.['default']).toEqual(rest);
});

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
    rule: 'a machine id is no instance',
    resource: { 'host.id': '0123456789abcdef' },
    aws: {},
    origin: undefined,
  },
  {
    rule: 'an instance id is',
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
    rule: 'Lambda has no origin of its own',
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

test('platform: log groups of the option, where the resource names none', () => {
  const [document] = translated({ resource: {} }, { logGroupNames: ['g'] });
  expect(document?.aws).toEqual({ cloudwatch_logs: [{ log_group: 'g' }], xray: XRAY });
});

test('platform: another cloud has neither block nor origin', () => {
  const resource = { 'cloud.provider': 'azure', 'cloud.platform': 'aws_ec2' };
  const [document] = translated({ resource });
  expect([document?.aws, document?.origin]).toEqual([undefined, undefined]);
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
])('service: $resource', ({ resource, service }) => {
  expect(translated({ resource })[0]?.service).toEqual(service);
  const parts: SpanParts = { kind: 'INTERNAL', parent: '1111111111111111', resource };
  expect(translated(parts)[0]?.service).toBeUndefined();
});

test('what follows from a resource is worked out once, unless detectors still look', () => {
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
