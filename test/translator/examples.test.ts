import { expect, test } from 'vitest';
import type { TranslatorOptions } from '../../src/translator/context/options.ts';
import { toDocuments } from '../../src/translator/index.ts';
import { type SpanParts, span } from '../support/span.ts';

/** The examples of docs/spec/translation.md section 13, verbatim. */
const RESOURCE = {
  'service.name': 'checkout',
  'telemetry.sdk.name': 'opentelemetry',
  'telemetry.sdk.language': 'nodejs',
  'telemetry.sdk.version': '2.12.0',
};

interface Example {
  readonly name: string;
  readonly parts: SpanParts;
  readonly randomId?: string;
  readonly lines: readonly string[];
}

const EXAMPLES: readonly Example[] = [
  {
    name: 'E1 a server span behind a proxy, throttled',
    parts: {
      parent: '1111111111111111',
      remoteParent: true,
      attributes: {
        'http.request.method': 'GET',
        'url.scheme': 'https',
        'server.address': 'shop.example.com',
        'server.port': 443,
        'url.path': '/cart',
        'url.query': 'x=1',
        'client.address': '203.0.113.9',
        'network.peer.address': '::ffff:10.0.0.7',
        'http.response.status_code': 429,
        'http.route': '/cart',
      },
    },
    lines: [
      '{"name":"checkout","id":"70de5b6f19ff9a0a","trace_id":"1-581cf771-a006649127e371903a2de979","parent_id":"1111111111111111","start_time":1478293361.271,"end_time":1478293361.449,"error":true,"throttle":true,"http":{"request":{"method":"GET","url":"https://shop.example.com/cart?x=1","client_ip":"203.0.113.9","x_forwarded_for":true},"response":{"status":429}},"aws":{"xray":{"sdk":"opentelemetry for nodejs","sdk_version":"2.12.0","auto_instrumentation":false}},"metadata":{"default":{"http.route":"/cart"}}}',
    ],
  },
  {
    name: 'E2 a throttled AWS SDK call',
    parts: {
      name: 'DynamoDB.GetItem',
      kind: 'CLIENT',
      id: '53995c3f42cd8ad8',
      parent: '70de5b6f19ff9a0a',
      start: [1478293361, 300_000_000],
      end: [1478293361, 310_000_000],
      status: { code: 2 },
      attributes: {
        'rpc.system': 'aws-api',
        'rpc.service': 'DynamoDB',
        'rpc.method': 'GetItem',
        'cloud.region': 'eu-west-1',
        'aws.request.id': 'R1',
        'db.system.name': 'dynamodb',
        'db.namespace': 'carts',
        'aws.dynamodb.table_names': ['carts'],
        'http.response.status_code': 400,
        'error.type': 'ThrottlingException',
      },
      events: [
        {
          name: 'exception',
          time: [1478293361, 305_000_000],
          attributes: {
            'exception.type': 'ThrottlingException',
            'exception.message': 'slow',
            'exception.stacktrace':
              'ThrottlingException: slow\n    at async load (file:///app/db.js:10:5)',
          },
        },
      ],
    },
    randomId: 'aaaaaaaaaaaaaaaa',
    lines: [
      '{"name":"DynamoDB","id":"53995c3f42cd8ad8","trace_id":"1-581cf771-a006649127e371903a2de979","parent_id":"70de5b6f19ff9a0a","type":"subsegment","namespace":"aws","start_time":1478293361.3,"end_time":1478293361.31,"error":true,"throttle":true,"http":{"response":{"status":400}},"aws":{"operation":"GetItem","region":"eu-west-1","request_id":"R1","table_name":"carts","resource_names":["carts"]},"cause":{"working_directory":"/app","exceptions":[{"id":"aaaaaaaaaaaaaaaa","type":"ThrottlingException","message":"slow","remote":true,"stack":[{"path":"/app/db.js","line":10,"label":"async load"}]}]},"metadata":{"default":{"rpc.system":"aws-api","rpc.service":"DynamoDB","db.system.name":"dynamodb","error.type":"ThrottlingException"}}}',
    ],
  },
  {
    name: 'E3 a query',
    parts: {
      name: 'pg.query:SELECT shop',
      kind: 'CLIENT',
      id: '53995c3f42cd8ad9',
      parent: '70de5b6f19ff9a0a',
      start: [1478293361, 320_000_000],
      end: [1478293361, 330_000_000],
      attributes: {
        'db.system.name': 'postgresql',
        'db.namespace': 'shop',
        'server.address': 'db.internal',
        'server.port': 5432,
        'db.query.text': 'SELECT $1',
      },
    },
    lines: [
      '{"name":"shop@db.internal","id":"53995c3f42cd8ad9","trace_id":"1-581cf771-a006649127e371903a2de979","parent_id":"70de5b6f19ff9a0a","type":"subsegment","namespace":"remote","start_time":1478293361.32,"end_time":1478293361.33,"sql":{"url":"postgresql://db.internal:5432/shop","sanitized_query":"SELECT $1","database_type":"postgresql"}}',
    ],
  },
  {
    name: 'E4 a root span that is an outgoing call',
    parts: {
      name: 'GET',
      kind: 'CLIENT',
      id: '53995c3f42cd8ada',
      start: [1478293362, 0],
      end: [1478293362, 500_000_000],
      attributes: {
        'http.request.method': 'GET',
        'url.full': 'https://u:p@api.example.com/v1',
        'server.address': 'api.example.com',
        'http.response.status_code': 503,
      },
    },
    randomId: '2222222222222222',
    lines: [
      '{"name":"api.example.com","id":"53995c3f42cd8ada","trace_id":"1-581cf771-a006649127e371903a2de979","parent_id":"2222222222222222","type":"subsegment","namespace":"remote","start_time":1478293362,"end_time":1478293362.5,"fault":true,"http":{"request":{"method":"GET","url":"https://api.example.com/v1"},"response":{"status":503}}}',
      '{"name":"checkout","id":"2222222222222222","trace_id":"1-581cf771-a006649127e371903a2de979","start_time":1478293362,"end_time":1478293362.5,"fault":true,"aws":{"xray":{"sdk":"opentelemetry for nodejs","sdk_version":"2.12.0","auto_instrumentation":false}}}',
    ],
  },
];

test.for(EXAMPLES)('example $name', ({ parts, randomId, lines }) => {
  const options: TranslatorOptions = {
    resourceMetadata: 'none',
    workingDirectory: '/app',
    onWarning: () => {},
    ...(randomId === undefined ? {} : { randomId: () => randomId }),
  };
  const documents = toDocuments(span({ resource: RESOURCE, ...parts }), options);
  expect(documents.map((document) => JSON.stringify(document))).toEqual(lines);
});
