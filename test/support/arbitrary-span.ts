import fc from 'fast-check';
import type { SpanAttributes, TranslatableSpan } from '../../src/translator/span.ts';
import { span } from './span.ts';

/** Attribute names that a rule reads, each with valid and invalid values of any type. */
const KNOWN =
  `http.request.method http.method http.request.method_original url.full http.url url.scheme
  http.host http.target http.server_name http.response.status_code http.status_code http.status_text
  user_agent.original http.user_agent http.client_ip client.address client.port url.path url.query
  http.response.body.size http.response.header.content-length http.response_content_length error.type
  net.peer.name net.peer.port net.peer.ip net.host.name server.address server.port
  network.peer.address network.peer.port host.name peer.service service.peer.name db.system
  db.system.name db.name db.namespace db.statement db.query.text db.user db.connection_string
  db.postgresql.plan rpc.system rpc.system.name rpc.service rpc.method rpc.grpc.status_code
  aws.operation aws.service aws.region cloud.region aws.request_id aws.request.id aws.account_id
  aws.queue_url messaging.url aws.table_name aws.dynamodb.table_names aws.s3.bucket aws.s3.key
  aws.sns.topic.arn aws.kinesis.stream.name aws.local.service aws.remote.service aws.span.kind
  aws.is.local.root faas.invoked_name faas.invoked_provider messaging.system
  messaging.destination.name message.type messaging.message_payload_size_bytes user.id enduser.id
  aws.xray.annotations aws.xray.inprogress aws.xray.x_forwarded_for aws.xray.resource_arn
  aws.xray.traced aws.xray.metadata.default aws.xray.metadata.ns aws.xray.metadata.AWS.x
  aws.xray.sampling_rule annotation.a http.request.resend_count`
    .split(/\s+/)
    .filter((name) => name !== '');

const RESOURCE =
  `service.name service.version service.namespace service.instance.id telemetry.sdk.name
  telemetry.sdk.language telemetry.sdk.version telemetry.distro.version cloud.provider cloud.platform
  cloud.account.id cloud.availability_zone host.id host.type container.id container.image.tags
  k8s.cluster.name k8s.pod.name aws.ecs.launchtype aws.ecs.task.family aws.log.group.names
  aws.log.group.arns faas.name process.runtime.name process.runtime.version`.split(/\s+/);

const oddKey = fc.constantFrom(
  '__proto__',
  'constructor',
  'toString',
  '',
  ' ',
  'a b',
  '💥',
  'k'.repeat(600),
  'otel.resource.x',
  'xray.truncated',
  'exception.stacktrace',
);

const usefulText = fc.constantFrom(
  'GET',
  '_OTHER',
  'https://u:p@h:8/x?sig=s&a=1#f',
  'http://[::1]/',
  '10.0.0.1',
  '::ffff:1.2.3.4',
  'aws-api',
  'postgresql',
  'mysql',
  'aws',
  'aws_ec2',
  'aws_ecs',
  'DynamoDB',
  'SQS',
  'aws_sqs',
  'LOCAL_ROOT',
  'RECEIVED',
  '123456789012',
  '503',
  '{"a":{"b":[1]}}',
  '{"__proto__":1}',
  'arn:aws:sns:r:1:t',
  'java',
  'python',
  'Server=h;Password=x',
  'k,http.method',
);

const text = fc.oneof(
  { weight: 4, arbitrary: usefulText },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
  { weight: 1, arbitrary: fc.string({ maxLength: 12 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '',
      ' ',
      '\ud800',
      '\u0000',
      'é'.repeat(300),
      'x'.repeat(20_000),
      '日'.repeat(1_500),
    ),
  },
);

const number = fc.oneof(
  fc.constantFrom(
    0,
    80,
    200,
    404,
    429,
    500,
    599,
    600,
    -1,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    2 ** 60,
    1e300,
    -0,
  ),
  fc.double(),
  fc.integer(),
);

/** Any attribute value, allowed by its type or not. */
export const attributeValue: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 6, arbitrary: text },
  { weight: 3, arbitrary: number },
  { weight: 1, arbitrary: fc.boolean() },
  { weight: 1, arbitrary: fc.bigInt() },
  { weight: 1, arbitrary: fc.constantFrom(null, undefined) },
  {
    weight: 1,
    arbitrary: fc.array(fc.oneof(text, number, fc.boolean(), fc.constant(null)), { maxLength: 5 }),
  },
  {
    weight: 1,
    arbitrary: fc.dictionary(fc.oneof(oddKey, fc.string()), fc.oneof(text, number), { maxKeys: 3 }),
  },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 8 }) },
);

function attributes(names: readonly string[], maxKeys: number): fc.Arbitrary<SpanAttributes> {
  const key = fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(...names) },
    { weight: 1, arbitrary: oddKey },
    { weight: 1, arbitrary: fc.string({ maxLength: 10 }) },
  );
  return fc
    .array(fc.tuple(key, attributeValue), { maxLength: maxKeys })
    .map((pairs) => Object.fromEntries(pairs));
}

const frames = [
  '    at f (/a.js:1:2)',
  '  [cause]: T: m {',
  'Caused by: x: y',
  '\tat a.B(F.java:1)',
  '  File "a.py", line 1, in f',
  '    at (',
  '... 3 more',
  '💥',
];
const stack = fc
  .array(fc.constantFrom(...frames), { maxLength: 80 })
  .map((lines) => lines.join('\n'));

const seconds = fc.oneof(
  fc.integer({ min: 1, max: 4_000_000_000 }),
  fc.constantFrom(0, -5, Number.NaN, 1e12, 9_999_999_999),
);
const time = fc.tuple(
  seconds,
  fc.oneof(fc.integer({ min: 0, max: 999_999_999 }), fc.constant(Number.NaN)),
);

const event = fc.record({
  name: fc.oneof(fc.constantFrom('exception', 'HTTP request failure'), text),
  time,
  attributes: fc.oneof(
    attributes(['a', 'http.response.status_code', 'aws.http.error_message'], 3),
    fc.record(
      {
        'exception.type': attributeValue,
        'exception.message': attributeValue,
        'exception.stacktrace': fc.oneof(stack, attributeValue),
      },
      { requiredKeys: [] },
    ),
  ),
});

const hex = (length: number): fc.Arbitrary<string> =>
  fc.oneof(
    {
      weight: 20,
      arbitrary: fc.string({
        unit: fc.constantFrom(...'0123456789abcdefABCDEF'),
        minLength: length,
        maxLength: length,
      }),
    },
    { weight: 1, arbitrary: fc.constantFrom('0'.repeat(length), '', 'xyz') },
  );

/** Any span: any kind, any parent, any value in any place. */
export const anySpan: fc.Arbitrary<TranslatableSpan> = fc
  .record({
    kind: fc.integer({ min: -1, max: 6 }),
    name: text,
    traceId: hex(32),
    id: hex(16),
    parent: fc.option(hex(16), { nil: undefined }),
    remoteParent: fc.boolean(),
    start: time,
    end: time,
    code: fc.integer({ min: 0, max: 2 }),
    message: fc.option(text, { nil: undefined }),
    attributes: attributes(KNOWN, 25),
    resource: attributes(RESOURCE, 12),
    events: fc.array(event, { maxLength: 5 }),
    links: fc.array(
      fc.record({
        context: fc.record({ traceId: hex(32), spanId: hex(16) }),
        attributes: attributes(['a', 'b'], 2),
      }),
      { maxLength: 3 },
    ),
  })
  .map(({ kind, parent, code, message, ...rest }) => ({
    ...span({
      ...rest,
      ...(parent === undefined ? {} : { parent }),
      status: message === undefined ? { code } : { code, message },
    }),
    kind,
  }));
