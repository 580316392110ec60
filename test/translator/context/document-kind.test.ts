import { expect, test } from 'vitest';
import type { TranslatorOptions } from '../../../src/translator/context/options.ts';
import type { SpanParts } from '../../support/span.ts';
import { oneDocument, translated } from '../../support/translated.ts';

const LOCAL = { parent: '1111111111111111' };
const REMOTE = { parent: '1111111111111111', remoteParent: true };
const MARKED = { attributes: { 'aws.span.kind': 'LOCAL_ROOT' } };
const INVOCATION: TranslatorOptions = { lambda: { parentId: '1111111111111111' } };

interface Row {
  readonly rule: string;
  readonly parts: SpanParts;
  readonly options?: TranslatorOptions;
  /** Name, type, namespace and parent of each document. */
  readonly documents: readonly (readonly (string | undefined)[])[];
}

const ROOT = ['checkout', undefined, undefined, undefined];
const BELOW = ['checkout', undefined, undefined, '1111111111111111'];
const INSIDE = ['op', 'subsegment', undefined, '1111111111111111'];
const CALL = ['op', 'subsegment', 'remote', '0000000000000001'];

const ROWS: readonly Row[] = [
  { rule: 'S3: SERVER root', parts: { kind: 'SERVER' }, documents: [ROOT] },
  {
    rule: 'S3: SERVER below a remote parent',
    parts: { kind: 'SERVER', ...REMOTE },
    documents: [BELOW],
  },
  {
    rule: 'S3: SERVER below a local parent',
    parts: { kind: 'SERVER', ...LOCAL },
    documents: [BELOW],
  },
  { rule: 'S4: CONSUMER root', parts: { kind: 'CONSUMER' }, documents: [ROOT] },
  {
    rule: 'S4: CONSUMER below a remote parent',
    parts: { kind: 'CONSUMER', ...REMOTE },
    documents: [BELOW],
  },
  {
    rule: 'S5: CONSUMER below a local parent (B-09)',
    parts: { kind: 'CONSUMER', ...LOCAL },
    documents: [INSIDE],
  },
  { rule: 'S6: INTERNAL root', parts: { kind: 'INTERNAL' }, documents: [ROOT] },
  {
    rule: 'S6: INTERNAL below a remote parent (B-07)',
    parts: { kind: 'INTERNAL', ...REMOTE },
    documents: [BELOW],
  },
  {
    rule: 'S8: INTERNAL below a local parent',
    parts: { kind: 'INTERNAL', ...LOCAL },
    documents: [INSIDE],
  },
  { rule: 'S7: CLIENT root (B-10)', parts: { kind: 'CLIENT' }, documents: [CALL, ROOT] },
  {
    rule: 'S7: PRODUCER below a remote parent',
    parts: { kind: 'PRODUCER', ...REMOTE },
    documents: [CALL, BELOW],
  },
  {
    rule: 'S7: without splitting, a root call is a segment without namespace',
    parts: { kind: 'CLIENT' },
    options: { splitLocalRootClients: false },
    documents: [ROOT],
  },
  {
    rule: 'S7: without splitting, a call below a remote parent is a subsegment of it',
    parts: { kind: 'CLIENT', ...REMOTE },
    options: { splitLocalRootClients: false },
    documents: [['op', 'subsegment', 'remote', '1111111111111111']],
  },
  {
    rule: 'S8: CLIENT below a local parent',
    parts: { kind: 'CLIENT', ...LOCAL },
    documents: [['op', 'subsegment', 'remote', '1111111111111111']],
  },
  {
    rule: 'S1: LOCAL_ROOT and INTERNAL',
    parts: { kind: 'INTERNAL', ...LOCAL, ...MARKED },
    documents: [BELOW],
  },
  { rule: 'S1: LOCAL_ROOT and SERVER', parts: { kind: 'SERVER', ...MARKED }, documents: [ROOT] },
  {
    rule: 'S1: LOCAL_ROOT and CLIENT',
    parts: { kind: 'CLIENT', ...LOCAL, ...MARKED },
    documents: [CALL, BELOW],
  },
  {
    rule: 'S1: LOCAL_ROOT and CONSUMER',
    parts: { kind: 'CONSUMER', ...MARKED },
    documents: [CALL, ROOT],
  },
  {
    rule: 'aws.is.local.root makes a local root',
    parts: { kind: 'INTERNAL', ...LOCAL, attributes: { 'aws.is.local.root': true } },
    documents: [BELOW],
  },
  {
    rule: 'S2: the handler in Lambda is a subsegment of the function (B-08)',
    parts: { kind: 'SERVER', ...REMOTE },
    options: INVOCATION,
    documents: [INSIDE],
  },
  {
    rule: 'S2: a root call in Lambda is a subsegment of the function',
    parts: { kind: 'CLIENT', ...REMOTE },
    options: { lambda: { parentId: () => '1111111111111111' } },
    documents: [['op', 'subsegment', 'remote', '1111111111111111']],
  },
  {
    rule: 'S2: only below the invocation',
    parts: { kind: 'SERVER', ...REMOTE },
    options: { lambda: { parentId: '2222222222222222' } },
    documents: [BELOW],
  },
  {
    rule: 'S2: with root "segment", the handler is a separate segment, as in ADOT',
    parts: { kind: 'SERVER', ...REMOTE },
    options: { lambda: { root: 'segment', parentId: '1111111111111111' } },
    documents: [BELOW],
  },
];

test.for(ROWS)('document kind: $rule', ({ parts, options = {}, documents }) => {
  const found = translated({ name: 'op', ...parts }, options);
  expect(
    found.map(({ name, type, namespace, parent_id }) => [name, type, namespace, parent_id]),
  ).toEqual(documents);
  expect(found[0]?.metadata).toBeUndefined();
});

test('a split distributes the fields of a span to the call and the service (section 1.5, B-11)', () => {
  const [call, service] = translated(
    {
      name: 'pay',
      kind: 'CLIENT',
      status: { code: 2, message: 'no' },
      resource: { 'service.name': 'checkout', 'service.version': '7', 'cloud.platform': 'aws_ec2' },
      links: [{ context: { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) } }],
      attributes: {
        'aws.local.service': 'front',
        'aws.remote.service': 'billing',
        'aws.remote.operation': 'charge',
        'aws.xray.annotations': ['tier', 'aws.remote.operation'],
        'aws.xray.resource_arn': 'arn:aws:x',
        'aws.xray.sampling_rule': 'pay',
        tier: 2,
        'aws.operation': 'Charge',
        'http.request.method': 'POST',
        'user.id': 'u',
      },
    },
    { resourceMetadata: 'all' },
  );
  const times = { start_time: 1478293361.271, end_time: 1478293361.449, fault: true };
  expect(call).toEqual({
    name: 'billing',
    id: '70de5b6f19ff9a0a',
    trace_id: '1-581cf771-a006649127e371903a2de979',
    parent_id: '0000000000000001',
    type: 'subsegment',
    namespace: 'remote',
    ...times,
    http: { request: { method: 'POST' } },
    aws: { operation: 'Charge' },
    cause: { exceptions: [{ id: '0000000000000002', message: 'no', remote: false }] },
    user: 'u',
    annotations: { tier: 2, 'aws.remote.operation': 'charge' },
    metadata: { default: { 'aws.local.service': 'front', 'aws.remote.service': 'billing' } },
    links: [{ trace_id: `1-aaaaaaaa-${'a'.repeat(24)}`, id: 'b'.repeat(16) }],
  });
  expect(service).toEqual({
    name: 'front',
    id: '0000000000000001',
    trace_id: '1-581cf771-a006649127e371903a2de979',
    ...times,
    aws: { xray: { auto_instrumentation: false, sampling_rule_name: 'pay' } },
    cause: '0000000000000002',
    origin: 'AWS::EC2::Instance',
    resource_arn: 'arn:aws:x',
    service: { version: '7' },
    annotations: { tier: 2 },
    metadata: {
      default: {
        'otel.resource.service.name': 'checkout',
        'otel.resource.service.version': '7',
        'otel.resource.cloud.platform': 'aws_ec2',
      },
    },
  });
});

test('a split on another cloud has no aws block, and does not crash', () => {
  const [call, service] = translated({
    kind: 'CLIENT',
    attributes: { 'aws.span.kind': 'LOCAL_ROOT', 'aws.operation': 'x' },
    resource: { 'service.name': 'a', 'cloud.provider': 'gcp' },
  });
  expect([call?.aws, service?.aws, call?.metadata]).toEqual([
    undefined,
    undefined,
    { default: { 'aws.operation': 'x' } },
  ]);
});

test('links of a split belong to the service segment only for CONSUMER spans', () => {
  const links = [{ context: { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) } }];
  const parts: SpanParts = {
    kind: 'CONSUMER',
    links,
    attributes: { 'aws.span.kind': 'LOCAL_ROOT' },
  };
  const [call, service] = translated(parts);
  expect([call?.links, service?.links]).toEqual([
    undefined,
    [{ trace_id: `1-aaaaaaaa-${'a'.repeat(24)}`, id: 'b'.repeat(16) }],
  ]);
});

test('a Lambda handler contains the resource; as a segment it has the origin of a function', () => {
  const parts: SpanParts = { ...REMOTE, resource: { 'service.name': 'fn', 'faas.name': 'fn' } };
  const handler = oneDocument(parts, { ...INVOCATION, resourceMetadata: 'all' });
  expect(handler.metadata).toEqual({
    default: { 'otel.resource.service.name': 'fn', 'otel.resource.faas.name': 'fn' },
  });
  expect([handler.origin, handler.aws]).toEqual([
    undefined,
    { xray: { auto_instrumentation: false } },
  ]);
  const segment = oneDocument(parts, { lambda: { ...INVOCATION.lambda, root: 'segment' } });
  expect(segment.origin).toBe('AWS::Lambda::Function');
});
