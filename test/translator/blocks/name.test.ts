import { expect, test } from 'vitest';
import { cleanName } from '../../../src/translator/blocks/name.ts';
import type { TranslatorOptions } from '../../../src/translator/context/options.ts';
import type { SpanAttributes } from '../../../src/translator/span.ts';
import type { KIND, SpanParts } from '../../support/span.ts';
import { oneDocument } from '../../support/translated.ts';

test.for([
  {
    rule: 'letters, numbers and the symbols that X-Ray allows are kept',
    text: 'Ünï 日本 9_.:/%&#=+-@',
    name: 'Ünï 日本 9_.:/%&#=+-@',
  },
  {
    rule: 'other symbols are removed, including backslashes',
    text: 'a\\b(c)?{d}💥*,',
    name: 'abcd',
  },
  { rule: 'white space becomes one space', text: ' a \t\n b\u00a0c\u2028d ', name: 'a b c d' },
  { rule: 'a name without valid characters becomes empty', text: '!!! ?', name: '' },
  { rule: 'truncated to 200 code points', text: '𝒳'.repeat(201), name: '𝒳'.repeat(200) },
  {
    rule: 'no space at the end after truncation',
    text: `${'x'.repeat(199)} y`,
    name: 'x'.repeat(199),
  },
])('name: $rule (B-14)', ({ text, name }) => {
  expect(cleanName(text)).toBe(name);
});

test.for<{
  rule: string;
  resource: SpanAttributes;
  options?: TranslatorOptions;
  attributes?: SpanAttributes;
  name: string;
}>([
  {
    rule: '1 aws.local.service',
    resource: { 'service.name': 's' },
    attributes: { 'aws.local.service': 'l' },
    name: 'l',
  },
  {
    rule: '2 service.name',
    resource: { 'service.name': 's' },
    options: { tracingName: 't' },
    name: 's',
  },
  {
    rule: '3 AWS_XRAY_TRACING_NAME',
    resource: { 'service.name': 'unknown_service:node', 'faas.name': 'f' },
    options: { tracingName: 't' },
    name: 't',
  },
  { rule: '4 faas.name', resource: { 'faas.name': 'f', 'aws.ecs.task.family': 'e' }, name: 'f' },
  {
    rule: '5 the ECS family',
    resource: { 'service.name': 'unknown_service', 'aws.ecs.task.family': 'e' },
    name: 'e',
  },
  {
    rule: '6 unknown_service',
    resource: { 'service.name': 'unknown_service:node' },
    name: 'unknown_service:node',
  },
  { rule: '7 the span name', resource: {}, name: 'GET /cart' },
  {
    rule: 'a value without valid characters is skipped',
    resource: { 'service.name': '???', 'faas.name': 'f' },
    name: 'f',
  },
  {
    rule: 'the callee is never the name of a segment',
    resource: { 'service.name': 's' },
    attributes: {
      'peer.service': 'p',
      'aws.service': 'a',
      'db.system': 'mysql',
      'db.name': 'd',
      'http.host': 'h',
    },
    name: 's',
  },
  {
    rule: 'the environment of Beanstalk',
    resource: {
      'service.name': 'aws_elastic_beanstalk',
      'cloud.platform': 'aws_elastic_beanstalk',
      'service.namespace': 'env',
    },
    name: 'env',
  },
])('segment name: $rule (B-15)', ({ resource, options, attributes = {}, name }) => {
  expect(oneDocument({ resource, attributes }, options).name).toBe(name);
});

interface Row {
  readonly rule: string;
  readonly kind?: keyof typeof KIND;
  readonly attributes: SpanAttributes;
  readonly name: string;
  readonly namespace?: string;
}

const SDK = { 'rpc.system': 'aws-api' };

const ROWS: readonly Row[] = [
  {
    rule: '1 aws.remote.service',
    attributes: { 'aws.remote.service': 'AWS::S3', 'peer.service': 'p' },
    name: 'AWS::S3',
  },
  {
    rule: '1 without its prefix on an SDK call',
    attributes: { ...SDK, 'aws.remote.service': 'AWS::S3' },
    name: 'S3',
    namespace: 'aws',
  },
  {
    rule: '1 the longer prefix',
    attributes: { ...SDK, 'aws.remote.service': 'AWS.SDK.AWS::S3' },
    name: 'AWS::S3',
    namespace: 'aws',
  },
  {
    rule: '1 not on INTERNAL',
    kind: 'INTERNAL',
    attributes: { 'aws.remote.service': 'x' },
    name: 'op',
    namespace: 'none',
  },
  {
    rule: '1 remote on CONSUMER',
    kind: 'CONSUMER',
    attributes: { 'aws.remote.service': 'x' },
    name: 'x',
  },
  {
    rule: '2 the new peer name first',
    attributes: { 'service.peer.name': 'n', 'peer.service': 'o' },
    name: 'n',
  },
  {
    rule: '2 on every kind',
    kind: 'INTERNAL',
    attributes: { 'peer.service': 'o' },
    name: 'o',
    namespace: 'none',
  },
  {
    rule: '3 the SDK service, not the table (B-16)',
    attributes: { ...SDK, 'rpc.service': 'DynamoDB', 'db.system': 'dynamodb', 'db.name': 'carts' },
    name: 'DynamoDB',
    namespace: 'aws',
  },
  {
    rule: '3 the newest conventions',
    attributes: { 'rpc.system.name': 'aws-api', 'rpc.method': 'S3/GetObject' },
    name: 'S3',
    namespace: 'aws',
  },
  {
    rule: '3 rpc.system.name may be aws',
    attributes: { 'rpc.system.name': 'aws', 'aws.service.name': 'SQS' },
    name: 'SQS',
    namespace: 'aws',
  },
  {
    rule: '4 aws.service sets the namespace aws',
    attributes: { 'aws.service': 'Amazon SNS' },
    name: 'Amazon SNS',
    namespace: 'aws',
  },
  {
    rule: '4 only if it is the name of the span',
    attributes: { 'aws.service': 'Amazon SNS', 'peer.service': 'p' },
    name: 'p',
  },
  {
    rule: '5 database@host',
    attributes: {
      'db.system.name': 'postgresql',
      'db.namespace': 'shop',
      'server.address': 'DB.internal:5432',
    },
    name: 'shop@db.internal',
  },
  {
    rule: '5 the host of a connection string',
    attributes: {
      'db.system': 'mysql',
      'db.name': 'shop',
      'db.connection_string': 'jdbc:mysql://db.example:3306/x',
      'net.peer.name': 'other',
    },
    name: 'shop@db.example',
  },
  {
    rule: '5 a JDBC host ends at a semicolon',
    attributes: {
      'db.system': 'mssql',
      'db.name': 'd',
      'db.connection_string': 'jdbc:sqlserver://h;databaseName=d',
    },
    name: 'd@h',
  },
  {
    rule: '5 without a host',
    attributes: { 'db.system': 'sqlite', 'db.name': 'app.db' },
    name: 'app.db',
  },
  {
    rule: '6 the host',
    attributes: { 'db.system.name': 'redis', 'server.address': 'cache' },
    name: 'cache',
  },
  { rule: '6 the system', attributes: { 'db.system.name': 'redis' }, name: 'redis' },
  {
    rule: '7 the template',
    attributes: {
      'messaging.system': 'kafka',
      'messaging.destination.template': '/a/:b',
      'messaging.destination.name': '/a/1',
    },
    name: '/a/:b',
  },
  {
    rule: '7 the destination',
    attributes: { 'messaging.system': 'kafka', 'messaging.destination.name': 'topic' },
    name: 'topic',
  },
  {
    rule: '7 not a temporary destination',
    attributes: {
      'messaging.system': 'rabbitmq',
      'messaging.destination.name': 'amq.gen-1',
      'messaging.destination.anonymous': true,
    },
    name: 'rabbitmq',
  },
  {
    rule: '8 the invoked function',
    attributes: { 'faas.invoked_name': 'fn', 'server.address': 'h' },
    name: 'fn',
  },
  {
    rule: '9 the RPC service',
    attributes: { 'rpc.system': 'grpc', 'rpc.service': 'corpus.Echo', 'server.address': 'h' },
    name: 'corpus.Echo',
  },
  {
    rule: '9 the part before the slash',
    attributes: { 'rpc.system.name': 'grpc', 'rpc.method': 'corpus.Echo/Unary' },
    name: 'corpus.Echo',
  },
  {
    rule: '10 http.host without its port',
    attributes: { 'http.host': 'Shop.example:8443', 'server.address': 'x' },
    name: 'shop.example',
  },
  {
    rule: '10 server.address (B-17)',
    attributes: { 'server.address': '[::1]', 'url.full': 'http://x/' },
    name: '::1',
  },
  {
    rule: '10 the host of the URL',
    attributes: { 'url.full': 'https://u:p@Api.example:8443/v1' },
    name: 'api.example',
  },
  { rule: '10 the peer address', attributes: { 'net.peer.ip': '10.0.0.9' }, name: '10.0.0.9' },
  {
    rule: '10 on INTERNAL with HTTP data only',
    kind: 'INTERNAL',
    attributes: { 'server.address': 'h' },
    name: 'op',
    namespace: 'none',
  },
  { rule: '11 the span name', attributes: {}, name: 'op' },
  {
    rule: 'SQL is remote on INTERNAL, too (B-18)',
    kind: 'INTERNAL',
    attributes: { 'db.system': 'mysql' },
    name: 'mysql',
    namespace: 'remote',
  },
];

test.for(ROWS)(
  'subsegment name: $rule',
  ({ kind = 'CLIENT', attributes, name, namespace = 'remote' }) => {
    const parts: SpanParts = { name: 'op', kind, attributes, parent: '1111111111111111' };
    const document = oneDocument(parts);
    expect([document.name, document.namespace ?? 'none']).toEqual([name, namespace]);
  },
);

test('the fallback name is span', () => {
  expect(oneDocument({ name: '!!!', resource: {} }).name).toBe('span');
  expect(oneDocument({ name: '', kind: 'INTERNAL', parent: '1111111111111111' }).name).toBe('span');
});
