import type { TranslatorOptions } from '../src/translator/context/options.ts';
import { toDocuments } from '../src/translator/index.ts';
import type { SpanAttributes, TranslatableSpan } from '../src/translator/span.ts';

/**
 * Measures the translation of different spans, and shows how the time grows with the size of a span.
 *
 * Each figure is the median of five rounds. The results are kept, so that V8 does not optimize the
 * translation away.
 *
 *   npx node benchmarks/translate.ts
 */
const RESOURCE: SpanAttributes = {
  'service.name': 'checkout',
  'service.version': '1.4.2',
  'telemetry.sdk.name': 'opentelemetry',
  'telemetry.sdk.language': 'nodejs',
  'telemetry.sdk.version': '2.12.0',
  'cloud.provider': 'aws',
  'cloud.platform': 'aws_ecs',
  'cloud.region': 'eu-west-1',
  'aws.ecs.launchtype': 'fargate',
  'container.id': '0123456789abcdef',
  'process.runtime.name': 'nodejs',
  'process.runtime.version': '24.21.0',
};

/** One object for all spans, as in an application. */
const RESOURCE_OBJECT = { attributes: RESOURCE };

const SERVER: SpanAttributes = {
  'http.request.method': 'GET',
  'url.scheme': 'http',
  'server.address': 'shop.example.com',
  'network.peer.address': '10.0.0.7',
  'network.peer.port': 49240,
  'network.protocol.version': '1.1',
  'user_agent.original': 'Mozilla/5.0 (X11; Linux x86_64)',
  'url.path': '/orders/17',
  'client.address': '203.0.113.9',
  'server.port': 80,
  'http.response.status_code': 200,
  'http.route': '/orders/:id',
};

const CLIENT: SpanAttributes = {
  'http.request.method': 'GET',
  'server.address': 'stock.internal',
  'server.port': 8080,
  'url.full': 'http://stock.internal:8080/stock/17?warehouse=3',
  'http.response.status_code': 200,
  'network.peer.address': '10.0.0.9',
  'network.peer.port': 8080,
  'network.protocol.version': '1.1',
};

const QUERY: SpanAttributes = {
  'db.system.name': 'postgresql',
  'db.namespace': 'shop',
  'db.query.text': 'SELECT id, name, price FROM items WHERE id = $1',
  'server.address': 'db.internal',
  'server.port': 5432,
};

const MIDDLEWARE: SpanAttributes = {
  'http.route': '/orders/:id',
  'express.name': 'jsonParser',
  'express.type': 'middleware',
};

const DYNAMODB: SpanAttributes = {
  'rpc.system': 'aws-api',
  'rpc.service': 'DynamoDB',
  'rpc.method': 'GetItem',
  'cloud.region': 'eu-west-1',
  'aws.request.id': 'KLmzV0OG2YabEDza3eDI6IWJLIm9ugTmFHUT71xlGUbqApQtwJH3',
  'db.system.name': 'dynamodb',
  'db.namespace': 'carts',
  'aws.dynamodb.table_names': ['carts'],
  'http.response.status_code': 200,
};

const STACK = [
  'TypeError: boom',
  ...Array.from(
    { length: 10 },
    (_, i) => `    at fn${i} (file:///srv/app/src/module-${i}.js:${i + 10}:7)`,
  ),
].join('\n');

const SAMPLES: Readonly<Record<string, TranslatableSpan>> = {
  server: span(1, 'GET /orders/:id', SERVER),
  client: span(2, 'GET', CLIENT),
  query: span(2, 'pg.query:SELECT shop', QUERY),
  middleware: span(0, 'middleware - jsonParser', MIDDLEWARE),
  dynamodb: span(2, 'DynamoDB.GetItem', DYNAMODB),
  exception: {
    ...span(0, 'request handler', MIDDLEWARE),
    status: { code: 2, message: 'boom' },
    events: [
      {
        name: 'exception',
        time: [1_795_200_000, 5],
        attributes: {
          'exception.type': 'TypeError',
          'exception.message': 'boom',
          'exception.stacktrace': STACK,
        },
      },
    ],
  },
};

function span(kind: number, name: string, attributes: SpanAttributes): TranslatableSpan {
  const identity = { traceId: '6b00bc61b6dda5470cb663fb3b80d303', spanId: '52b5b7bc47b01dae' };
  return {
    name,
    kind,
    spanContext: () => identity,
    parentSpanContext: { ...identity, spanId: '1111111111111111', isRemote: kind === 1 },
    startTime: [1_795_200_000, 123_000_000],
    endTime: [1_795_200_000, 145_678_901],
    status: { code: 0 },
    attributes,
    links: [],
    events: [],
    resource: RESOURCE_OBJECT,
  };
}

let kept: unknown;

/** Returns microseconds per span, the median of five rounds. */
function measure(
  spans: readonly TranslatableSpan[],
  options: TranslatorOptions,
  rounds: number,
): number {
  const results = Array.from({ length: 5 }, () => {
    const start = process.hrtime.bigint();
    for (let i = 0; i < rounds; i += 1) {
      for (const item of spans) kept = toDocuments(item, options);
    }
    return Number(process.hrtime.bigint() - start) / 1_000 / (rounds * spans.length);
  });
  return results.sort((a, b) => a - b)[2] as number;
}

function wide(count: number): TranslatableSpan {
  const entries = Array.from({ length: count }, (_, i) => [`app.attribute.${i}`, `value ${i}`]);
  return span(0, 'wide', Object.fromEntries(entries));
}

function deepStack(lines: number): TranslatableSpan {
  const stacktrace = `Error: x\n${'    at f (a (b (c (/srv/a.js:1:1)\n'.repeat(lines)}`;
  return {
    ...span(0, 'deep', {}),
    events: [
      {
        name: 'exception',
        time: [1, 0],
        attributes: {
          'exception.type': 'Error',
          'exception.message': 'x',
          'exception.stacktrace': stacktrace,
        },
      },
    ],
  };
}

const options: TranslatorOptions = { onWarning: () => {} };
const bare: TranslatorOptions = { ...options, resourceMetadata: 'none' };
const all = Object.values(SAMPLES);
measure(all, options, 20_000);

process.stdout.write(`Node ${process.version}\nmicroseconds per span\n`);
for (const [name, item] of Object.entries(SAMPLES)) {
  const us = measure([item], options, 50_000);
  process.stdout.write(`  ${name.padEnd(12)}${us.toFixed(2)}\n`);
}
process.stdout.write(`  ${'all kinds'.padEnd(12)}${measure(all, options, 20_000).toFixed(2)}\n`);
process.stdout.write(
  `  ${'all kinds, no resource metadata'.padEnd(12)} ${measure(all, bare, 20_000).toFixed(2)}\n`,
);
process.stdout.write('microseconds per span by size\n');
for (const count of [10, 100, 1_000, 10_000]) {
  process.stdout.write(
    `  ${count} attributes: ${measure([wide(count)], options, 2_000_000 / count / 100).toFixed(1)}\n`,
  );
}
for (const lines of [10, 100, 1_000, 10_000]) {
  process.stdout.write(
    `  stack of ${lines} lines: ${measure([deepStack(lines)], options, 200).toFixed(1)}\n`,
  );
}
if (kept === undefined) throw new Error('nothing was translated');
