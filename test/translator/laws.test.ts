import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { truncateDocument } from '../../src/exporter/batch/truncate.ts';
import type { TranslatorOptions } from '../../src/translator/context/options.ts';
import type { SegmentDocument } from '../../src/translator/document.ts';
import { toDocuments } from '../../src/translator/index.ts';
import type { SpanAttributes, TranslatableSpan } from '../../src/translator/span.ts';
import { anySpan, attributeValue } from '../support/arbitrary-span.ts';
import { numberedIds } from '../support/ids.ts';
import { schemaCheck } from '../support/schema.ts';
import { span } from '../support/span.ts';

const RUNS = { numRuns: 1_000 };

/** Options that change the document, with different values. */
const anyOptions: fc.Arbitrary<TranslatorOptions> = fc
  .record({
    indexAllAttributes: fc.boolean(),
    annotationDots: fc.boolean(),
    indexedAttributes: fc.subarray(['http.*', 'a', 'otel.resource.service.name', 'constructor']),
    resourceMetadata: fc.constantFrom('all' as const, 'none' as const),
    recordSqlQuery: fc.boolean(),
    stripUrlQuery: fc.boolean(),
    splitLocalRootClients: fc.boolean(),
    workingDirectory: fc.constantFrom('/app', undefined),
  })
  .map((options) => ({ ...options, onWarning: () => {} }));

function documentsOf(
  item: TranslatableSpan,
  options: TranslatorOptions,
): { readonly documents: readonly SegmentDocument[]; readonly reasons: readonly string[] } {
  const reasons: string[] = [];
  const documents = toDocuments(item, {
    ...options,
    randomId: numberedIds(),
    onDrop: (reason) => reasons.push(reason),
  });
  return { documents, reasons };
}

test('a span becomes one or two documents, or is dropped with a reason', () => {
  fc.assert(
    fc.property(anySpan, anyOptions, (item, options) => {
      const { documents, reasons } = documentsOf(item, options);
      expect(documents.length + reasons.length).toBeGreaterThan(0);
      expect(documents.length > 0).toBe(reasons.length === 0);
      expect(reasons).not.toContain('the span could not be read');
    }),
    RUNS,
  );
});

describe('the X-Ray schema', () => {
  const check = schemaCheck();

  test('every document is valid, even after truncation to any size', () => {
    const size = fc.integer({ min: 1_024, max: 65_477 });
    fc.assert(
      fc.property(anySpan, anyOptions, size, (item, options, maxBytes) => {
        for (const document of documentsOf(item, options).documents) {
          expect(check(document)).toEqual([]);
          const { document: fitted, removed } = truncateDocument(document, maxBytes);
          expect(check(fitted)).toEqual([]);
          expect(Buffer.byteLength(JSON.stringify(fitted))).toBeLessThanOrEqual(maxBytes);
          expect(removed.length === 0).toBe(fitted === document);
          expect([fitted.id, fitted.trace_id, fitted.parent_id, fitted.start_time]).toEqual([
            document.id,
            document.trace_id,
            document.parent_id,
            document.start_time,
          ]);
        }
      }),
      RUNS,
    );
  });
});

test('the order of the attributes does not matter (B-01)', () => {
  fc.assert(
    fc.property(anySpan, anyOptions, fc.integer(), (item, options, seed) => {
      const shuffled = { ...item, attributes: shuffle(item.attributes, seed) };
      expect(documentsOf(shuffled, options)).toEqual(documentsOf(item, options));
    }),
    RUNS,
  );
});

test('ids and times are preserved', () => {
  fc.assert(
    fc.property(anySpan, (item) => {
      const { documents } = documentsOf(item, {});
      for (const document of documents.slice(0, 1)) {
        const { traceId, spanId } = item.spanContext();
        expect(document.id).toBe(spanId.toLowerCase());
        expect(document.trace_id?.replaceAll('-', '')).toBe(`1${traceId.toLowerCase()}`);
        const [seconds, nanoseconds] = item.startTime;
        expect(Math.abs(document.start_time - seconds - nanoseconds / 1e9)).toBeLessThan(1e-6);
        expect(document.end_time ?? document.start_time).toBeGreaterThanOrEqual(
          document.start_time,
        );
      }
    }),
    RUNS,
  );
});

/** Keys whose values appear unchanged in the text of the document. */
const plainKey = fc.constantFrom(
  'app.a',
  'app.b',
  'http.route',
  'db.collection.name',
  'aws.s3.bucket',
  'rpc.service',
  'user.id',
  'peer.service',
  'db.user',
  'aws.operation',
  'faas.invoked_name',
  'messaging.system',
  'aws.region',
  'code.function.name',
);

test('no attribute is lost', () => {
  fc.assert(
    fc.property(anySpan, anyOptions, fc.uniqueArray(plainKey), (item, options, keys) => {
      const marked = Object.fromEntries(keys.map((key, i) => [key, `mark-${i}-x`]));
      const attributes = { ...item.attributes, ...marked };
      const { documents } = documentsOf({ ...item, attributes }, options);
      const text = JSON.stringify(documents);
      for (const mark of documents.length === 0 ? [] : Object.values(marked))
        expect(text).toContain(mark);
    }),
    RUNS,
  );
});

test('documents never contain credentials from a URL or a connection string', () => {
  const key = fc.constantFrom(
    'url.full',
    'http.url',
    'messaging.url',
    'aws.queue_url',
    'db.connection_string',
    'http.target',
    'aws.sqs.queue.url',
  );
  fc.assert(
    fc.property(
      anySpan,
      anyOptions,
      fc.uniqueArray(key, { minLength: 1 }),
      (item, options, keys) => {
        const secret = 'https://joe:s3cr3t@h/x?a=1&X-Amz-Signature=s3cr3t&password=s3cr3t#s3cr3t';
        const target = '/x?sig=s3cr3t';
        const set = keys.map((name) => [name, name === 'http.target' ? target : secret]);
        const attributes = { ...item.attributes, ...Object.fromEntries(set) };
        const lists = { ...options, indexedAttributes: keys };
        expect(JSON.stringify(documentsOf({ ...item, attributes }, lists).documents)).not.toContain(
          's3cr3t',
        );
      },
    ),
    RUNS,
  );
});

test('any value at any depth becomes JSON, deterministically', () => {
  fc.assert(
    fc.property(
      fc.anything({
        withBigInt: true,
        withDate: true,
        withNullPrototype: true,
        withSparseArray: true,
        withTypedArray: true,
        withMap: true,
        withSet: true,
      }),
      attributeValue,
      (value, other) => {
        const item = span({
          attributes: { value, other, 'url.full': value, 'aws.xray.annotations': value },
        });
        const twice = [documentsOf(item, {}), documentsOf(item, {})].map((found) =>
          JSON.stringify(found),
        );
        expect(twice[0]).toBe(twice[1]);
        expect(twice[0]).not.toContain('could not be read');
      },
    ),
    RUNS,
  );
});

test('10,000 attributes and a megabyte of text are translated', () => {
  const many = Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`k${i}`, i]));
  const { documents } = documentsOf(
    span({
      attributes: {
        ...many,
        'url.full': `http://h/${'x'.repeat(1 << 20)}`,
        text: 'y'.repeat(1 << 20),
      },
    }),
    { indexAllAttributes: true },
  );
  const [document] = documents;
  expect(Object.keys(document?.annotations ?? {})).toHaveLength(50);
  expect(document?.http?.request?.url).toHaveLength(2_048);
  const { document: fitted, removed } = truncateDocument(document as SegmentDocument, 65_477);
  expect(removed).toContain('metadata');
  expect(Buffer.byteLength(JSON.stringify(fitted))).toBeLessThanOrEqual(65_477);
});

function shuffle(attributes: SpanAttributes, seed: number): SpanAttributes {
  const entries = Object.entries(attributes).map((entry, i) => ({
    entry,
    rank: Math.sin(seed + i * 12.9898) * 43_758.5453,
  }));
  entries.sort((a, b) => (a.rank % 1) - (b.rank % 1));
  return Object.fromEntries(entries.map(({ entry }) => entry));
}
