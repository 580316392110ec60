import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ByteWriter } from '../../../src/exporter/encode/byte-writer.ts';
import { writePartialDocument } from '../../../src/exporter/encode/write-partial.ts';
import { attributeKey } from '../../../src/translator/context/attribute-keys.ts';
import type { TranslatorOptions } from '../../../src/translator/context/options.ts';
import type {
  AwsBlock,
  CauseBlock,
  HttpBlock,
  SegmentDocument,
  SqlBlock,
} from '../../../src/translator/document.ts';
import { toPartialDocuments } from '../../../src/translator/index.ts';
import {
  NO_UNMAPPED,
  type PartialDocument,
  toDocument,
  type UnmappedAttributes,
} from '../../../src/translator/partial-document.ts';
import { anySpan } from '../../support/arbitrary-span.ts';
import { PARENT_ID, span as spanOf } from '../../support/span.ts';

function written(draft: PartialDocument): unknown {
  // A small sink, so that growing is tested as well.
  const sink = new ByteWriter(8);
  const { start, end } = writePartialDocument(sink, draft);
  return JSON.parse(`${sink.bytes.toString('utf8', start, end)}}`);
}

/** What `JSON.stringify` makes of the whole document, without what says its place. */
function expected(draft: PartialDocument): unknown {
  const { name, id, trace_id, parent_id, type, ...rest } = toDocument(draft);
  return JSON.parse(JSON.stringify({ name, id, ...rest }));
}

const SETTINGS: readonly TranslatorOptions[] = [
  {},
  { indexAllAttributes: true, workingDirectory: '/srv/app' },
  { indexedAttributes: ['otel.resource.*', 'http.*'], resourceMetadata: ['service.name'] },
  { resourceMetadata: 'none', downstreamTraced: true },
];

test('any document of ours is written as JSON.stringify writes it', () => {
  fc.assert(
    fc.property(anySpan, fc.constantFrom(...SETTINGS), (span, options) => {
      const drafts = toPartialDocuments(span, options);
      expect(drafts.map(written)).toEqual(drafts.map(expected));
      // The second time, what the resource says is remembered.
      expect(drafts.map(written)).toEqual(drafts.map(expected));
    }),
    { numRuns: 3_000 },
  );
});

/** Every field there is, so that the compiler asks for one that is added. */
const HTTP: Required<HttpBlock> = {
  request: {
    method: 'GET',
    url: 'http://a/',
    user_agent: 'u',
    client_ip: '10.0.0.1',
    x_forwarded_for: true,
  } satisfies Required<NonNullable<HttpBlock['request']>>,
  response: { status: 200, content_length: 3 } satisfies Required<
    NonNullable<HttpBlock['response']>
  >,
};
const AWS: Required<AwsBlock> = {
  account_id: '123456789012',
  ec2: { instance_id: 'i-1' },
  ecs: { container: 'c' },
  eks: { pod: 'p' },
  elastic_beanstalk: { deployment_id: 7 },
  cloudwatch_logs: [{ log_group: 'g', arn: 'a' }],
  xray: { sdk: 's', auto_instrumentation: true },
  operation: 'o',
  region: 'r',
  request_id: 'q',
  id_2: '2',
  retries: 1,
  queue_url: 'u',
  table_name: 't',
  table_names: ['t', 'u'],
  bucket_name: 'b',
  key: 'k',
  topic_arn: 'a',
  function_name: 'f',
  stream_name: 's',
};
const SQL: Required<SqlBlock> = {
  url: 'u',
  connection_string: 'c',
  sanitized_query: 's',
  database_type: 't',
  database_version: 'v',
  driver_version: 'd',
  user: 'x',
  preparation: 'call',
};
const CAUSE: Required<CauseBlock> = {
  working_directory: '/srv',
  exceptions: [
    {
      id: 'a',
      type: 'E',
      message: 'm',
      remote: false,
      truncated: 3,
      cause: 'b',
      stack: [{ path: '/srv/a.js', line: 1, label: 'f' }],
    } satisfies Required<CauseBlock['exceptions'][number]>,
    { id: 'b' },
  ],
};
const DOCUMENT: Required<SegmentDocument> = {
  name: 'shop',
  id: '70de5b6f19ff9a0a',
  trace_id: '1-581cf771-a006649127e371903a2de979',
  parent_id: '1111111111111111',
  type: 'subsegment',
  namespace: 'remote',
  start_time: 1.5,
  end_time: 2,
  in_progress: true,
  error: true,
  fault: true,
  throttle: true,
  traced: true,
  http: HTTP,
  aws: AWS,
  sql: SQL,
  cause: CAUSE,
  user: 'u',
  origin: 'AWS::ECS::Container',
  resource_arn: 'arn:aws:x',
  service: { version: '1' },
  annotations: { a: 1 },
  metadata: { default: { own: 1 }, other: { b: [1, null] } },
  links: [{ trace_id: 't', id: 'i', attributes: { a: 1 } }],
  subsegments: [],
};

const LEFTOVERS: UnmappedAttributes = {
  keys: ['a.b', '__proto__', 'é"'].map(attributeKey),
  values: ['text', [1, null], true],
};

test.for<{ rule: string; draft: PartialDocument }>([
  {
    rule: 'every field',
    draft: { document: DOCUMENT, resourceMetadata: { 'otel.resource.a': 1 }, unmapped: LEFTOVERS },
  },
  {
    rule: 'nothing shared',
    draft: { document: DOCUMENT, resourceMetadata: undefined, unmapped: NO_UNMAPPED },
  },
  {
    rule: 'the resource alone',
    draft: {
      document: { ...DOCUMENT, metadata: undefined },
      resourceMetadata: { 'otel.resource.a': 1, 'otel.resource.b': 'x' },
      unmapped: NO_UNMAPPED,
    },
  },
  {
    rule: 'the resource, and a namespace besides',
    draft: {
      document: { ...DOCUMENT, metadata: { n: { a: 1 } } },
      resourceMetadata: { r: true },
      unmapped: NO_UNMAPPED,
    },
  },
  {
    rule: 'blocks without a field, and a cause elsewhere',
    draft: {
      document: { ...DOCUMENT, http: { request: {}, response: undefined }, sql: {}, cause: 'x' },
      resourceMetadata: undefined,
      unmapped: LEFTOVERS,
    },
  },
])('$rule', ({ draft }) => {
  const { subsegments, ...document } = draft.document;
  const whole: PartialDocument = { ...draft, document };
  expect(written(whole)).toEqual(expected(whole));
});

test('parameters of AWS calls are written whatever they are', () => {
  const parameters = { key: { id: { S: '7' } }, sizes: [1], label: null, operation: 'other' };
  const attributes = {
    'rpc.system': 'aws-api',
    'rpc.method': 'GetItem',
    'aws.xray.parameters': JSON.stringify(parameters),
  };
  const [draft] = toPartialDocuments(spanOf({ kind: 'CLIENT', parent: PARENT_ID, attributes }));
  const aws = { ...parameters, operation: 'GetItem' };
  expect(written(draft as PartialDocument)).toMatchObject({ aws });
  expect(written(draft as PartialDocument)).toEqual(expected(draft as PartialDocument));
});
