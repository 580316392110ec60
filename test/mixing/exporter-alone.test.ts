import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SegmentDocument } from '../../src/translator/document.ts';
import { startFakeDaemon } from '../support/fake-daemon.ts';
import { type App, installApp } from '../support/packed.ts';
import { run } from '../support/run.ts';

/** A line of the SDK: packages of its classes, and how to create batch processor and provider. */
interface Line {
  readonly line: string;
  readonly packages: readonly string[];
  readonly from: string;
  readonly provider: string;
  readonly resource: string;
  readonly batch: string;
}

const BY_ARGUMENT = 'new sdk.BatchSpanProcessor(exporter)';
const FROM_ATTRIBUTES = "require('@opentelemetry/resources').resourceFromAttributes";

const LINES: readonly Line[] = [
  {
    line: '1.x',
    packages: ['@opentelemetry/api@1.9.1', '@opentelemetry/sdk-trace-base@1.30.1'],
    from: '@opentelemetry/sdk-trace-base',
    provider: 'BasicTracerProvider',
    resource: "(attributes) => new (require('@opentelemetry/resources').Resource)(attributes)",
    batch: BY_ARGUMENT,
  },
  {
    line: '2.x',
    packages: ['@opentelemetry/api@1.9.1', '@opentelemetry/sdk-trace-base@2.12.1'],
    from: '@opentelemetry/sdk-trace-base',
    provider: 'BasicTracerProvider',
    resource: FROM_ATTRIBUTES,
    batch: BY_ARGUMENT,
  },
  {
    line: '3.x',
    packages: ['@opentelemetry/api@1.10.0', '@opentelemetry/sdk-trace@3.1.1'],
    from: '@opentelemetry/sdk-trace',
    provider: 'TracerProvider',
    resource: FROM_ATTRIBUTES,
    batch: 'new sdk.BatchSpanProcessor({ exporter })',
  },
];

/** Creates one request with everything a span can contain; ids and times are the same in each run. */
function appText({ from, provider, resource, batch }: Line): string {
  return `
const { XRayExporter } = require('otel-xray');
const sdk = require('${from}');
const { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } = require('@opentelemetry/api');
const exporter = new XRayExporter({
  daemon: { host: '127.0.0.1', port: Number(process.env.DAEMON_PORT) },
  nesting: process.env.NESTING === 'on',
});
let ids = 0;
const provider = new sdk.${provider}({
  resource: (${resource})({
    'service.name': 'shop', 'cloud.platform': 'aws_ec2',
    'telemetry.sdk.language': 'nodejs', 'telemetry.sdk.name': 'opentelemetry', 'telemetry.sdk.version': '0.0.0',
  }),
  idGenerator: {
    generateTraceId: () => '6740a0000000000000000000000000' + String(ids += 1).padStart(2, '0'),
    generateSpanId: () => '0000000000aaaa' + String(ids += 1).padStart(2, '0'),
  },
  spanProcessors: [${batch}],
});
const tracer = provider.getTracer('app', '1.0');
const at = (ms) => 1732288512000 + ms;
const header = {
  traceId: '6740a0000123456789abcdef01234567', spanId: '53995c3f42cd8ad8', traceFlags: 1, isRemote: true,
};
const served = tracer.startSpan('GET /items/:id', {
  kind: SpanKind.SERVER,
  startTime: at(0),
  attributes: {
    'http.request.method': 'GET', 'url.path': '/items/7', 'url.scheme': 'http', 'server.address': 'shop.example',
    'http.response.status_code': 500, tags: ['a', 'b'], 'order.total': 12.5, 'order.paid': true,
  },
  links: [{ context: { ...header, spanId: 'aaaaaaaaaaaaaaaa' } }],
}, trace.setSpanContext(ROOT_CONTEXT, header));
const below = trace.setSpan(ROOT_CONTEXT, served);
const query = tracer.startSpan('SELECT', {
  kind: SpanKind.CLIENT,
  startTime: at(1),
  attributes: { 'db.system.name': 'postgresql', 'db.namespace': 'items', 'server.address': 'db.internal' },
}, below);
query.setStatus({ code: SpanStatusCode.ERROR, message: 'no such table' });
query.addEvent('exception', {
  'exception.type': 'TypeError', 'exception.message': 'no such table',
  'exception.stacktrace': 'TypeError: no such table\\n    at find (/app/find.js:7:3)',
}, at(2));
query.end(at(3));
const inner = tracer.startSpan('inner', { startTime: at(4) }, below);
inner.addEvent('looked', { hits: 3 }, at(5));
inner.end(at(6));
served.setStatus({ code: SpanStatusCode.ERROR });
served.end(at(7));
const call = tracer.startSpan('GET', {
  kind: SpanKind.CLIENT, root: true, startTime: at(8),
  attributes: { 'http.request.method': 'GET', 'url.full': 'http://stock.example/7', 'http.response.status_code': 200 },
});
call.end(at(9));
provider.shutdown();
`;
}

/** Returns documents without generated ids, sorted by text. */
function comparable(documents: readonly SegmentDocument[]): readonly unknown[] {
  const withoutNew = (key: string, value: unknown): unknown =>
    /^(?:parent_)?id$/.test(key) && !/aaaa|^5399/.test(String(value)) ? 'made anew' : value;
  return documents
    .map((document) => JSON.stringify(document, withoutNew))
    .sort()
    .map((text) => JSON.parse(text));
}

describe('the exporter alone, in the batch processor of the app', () => {
  const apps = new Map<string, App>();

  beforeAll(async () => {
    for (const line of LINES) {
      const app = await installApp(...line.packages);
      app.file('app.cjs', appText(line));
      apps.set(line.line, app);
    }
  });
  afterAll(() => {
    for (const app of apps.values()) app.remove();
  });

  async function documentsOf(line: string, nesting: 'on' | 'off'): Promise<readonly unknown[]> {
    const app = apps.get(line) as App;
    await using daemon = await startFakeDaemon();
    const end = await run(['app.cjs'], {
      cwd: app.folder,
      program: app.node,
      env: { DAEMON_PORT: String(daemon.endpoint.port), NESTING: nesting },
    });
    expect(end).toMatchObject({ code: 0, stderr: '' });
    await daemon.received(5);
    return comparable(nesting === 'on' ? daemon.documents() : daemon.flat());
  }

  test.for(['on', 'off'] as const)(
    'SDK 1.x, 2.x and 3.x produce the same documents, nesting %s',
    async (nesting) => {
      const [one, two, three] = await Promise.all(
        LINES.map(({ line }) => documentsOf(line, nesting)),
      );
      expect(two).toHaveLength(nesting === 'on' ? 2 : 5);
      expect(one).toEqual(two);
      expect(three).toEqual(two);
    },
  );
});
