import { expect, test } from 'vitest';
import { truncateDocument } from '../../../src/exporter/batch/truncate.ts';
import type { SegmentDocument, StackFrame } from '../../../src/translator/document.ts';

const ENVELOPE: SegmentDocument = {
  name: 'checkout',
  id: '70de5b6f19ff9a0a',
  trace_id: '1-581cf771-a006649127e371903a2de979',
  parent_id: '1111111111111111',
  start_time: 1478293361.271,
  end_time: 1478293361.449,
  fault: true,
};
const BUDGET = 4_000;

const bytes = (document: SegmentDocument): number => Buffer.byteLength(JSON.stringify(document));
const frames = (count: number): readonly StackFrame[] =>
  Array.from({ length: count }, (_, i) => ({
    path: `/srv/app/module-${i}.js`,
    line: i,
    label: 'f',
  }));
const big = (size: number): string => 'x'.repeat(size);

interface Row {
  readonly rule: string;
  readonly parts: Partial<SegmentDocument>;
  readonly removed: readonly string[];
  /** Fields of the truncated document besides the envelope. */
  readonly fitted: Partial<SegmentDocument>;
}

const record = (...steps: readonly string[]): SegmentDocument['metadata'] => ({
  default: { 'xray.truncated': steps },
});

const ROWS: readonly Row[] = [
  {
    rule: 'a document within the limit is unchanged',
    parts: { user: 'u' },
    removed: [],
    fitted: { user: 'u' },
  },
  {
    rule: '1 frames, to 25 and then to 10',
    parts: { cause: { exceptions: [{ id: 'a', type: 'E', stack: frames(80) }] } },
    removed: ['frames over 25'],
    fitted: { cause: { exceptions: [{ id: 'a', type: 'E', truncated: 55, stack: frames(25) }] } },
  },
  {
    rule: '1 frames that were already omitted are included in the count',
    parts: {
      cause: { exceptions: [{ id: 'a', type: 'E', truncated: 5, stack: frames(60) }] },
      user: big(3_000),
    },
    removed: ['frames over 25', 'frames over 10'],
    fitted: {
      cause: { exceptions: [{ id: 'a', type: 'E', truncated: 55, stack: frames(10) }] },
      user: big(3_000),
    },
  },
  {
    rule: '2 events',
    parts: { metadata: { events: { events: [big(4_000)] }, default: { a: 1 } } },
    removed: ['events'],
    fitted: { metadata: { default: { a: 1, 'xray.truncated': ['events'] } } },
  },
  {
    rule: '3 the resource',
    parts: { metadata: { default: { 'otel.resource.a': big(4_000), a: 1 } } },
    removed: ['resource'],
    fitted: { metadata: { default: { a: 1, 'xray.truncated': ['resource'] } } },
  },
  {
    rule: '4 long strings, at any depth, without splitting a surrogate pair',
    parts: { metadata: { n: { list: [`${big(1_023)}💥${big(3_000)}`], a: 1 } } },
    removed: ['long strings'],
    fitted: { metadata: { n: { list: [big(1_023)], a: 1 }, ...record('long strings') } },
  },
  {
    rule: '4 long strings of queries and messages',
    parts: {
      sql: { sanitized_query: big(9_000) },
      cause: { exceptions: [{ id: 'a', message: big(9_000) }] },
    },
    removed: ['long strings', 'query and url'],
    fitted: {
      sql: { sanitized_query: big(1_024) },
      cause: { exceptions: [{ id: 'a', message: big(1_024) }] },
    },
  },
  {
    rule: '5 namespaces, the largest first',
    parts: {
      metadata: { b: { k: Array(1_500).fill(1) }, a: { k: Array(3_000).fill(1) }, c: { k: 1 } },
    },
    removed: ['metadata'],
    fitted: { metadata: { b: { k: Array(1_500).fill(1) }, c: { k: 1 }, ...record('metadata') } },
  },
  {
    rule: '6 links',
    parts: { links: Array(100).fill({ trace_id: ENVELOPE.trace_id, id: ENVELOPE.id }) },
    removed: ['links'],
    fitted: {},
  },
  {
    rule: '7 the URL',
    parts: { http: { request: { url: big(2_048), method: 'GET' } }, user: big(3_000) },
    removed: ['query and url'],
    fitted: { http: { request: { url: big(512), method: 'GET' } }, user: big(3_000) },
  },
  {
    rule: '8 all exceptions but the first, and its stack',
    parts: {
      cause: {
        exceptions: [
          { id: 'a', type: 'E', cause: 'b', stack: frames(10) },
          { id: 'b', message: big(1_000) },
          { id: 'c', message: big(1_000) },
          { id: 'd', message: big(1_000) },
          { id: 'e', message: big(1_000) },
        ],
      },
    },
    removed: ['exceptions'],
    fitted: { cause: { exceptions: [{ id: 'a', type: 'E', truncated: 10 }] } },
  },
  {
    rule: '9 annotations, from the end',
    parts: {
      annotations: Object.fromEntries(Array.from({ length: 6 }, (_, i) => [`k${i}`, big(900)])),
    },
    removed: ['annotations'],
    fitted: { annotations: { k0: big(900), k1: big(900), k2: big(900), k3: big(900) } },
  },
  {
    rule: '10 everything but the envelope, method and status',
    parts: {
      aws: { table_names: Array(500).fill('t'.repeat(20)) },
      http: {
        request: { method: 'GET', user_agent: 'a' },
        response: { status: 500, content_length: 1 },
      },
    },
    removed: ['all but the envelope'],
    fitted: { http: { request: { method: 'GET' }, response: { status: 500 } } },
  },
];

test.for(ROWS)('truncate (B-46): $rule', ({ parts, removed, fitted }) => {
  const found = truncateDocument({ ...ENVELOPE, ...parts }, BUDGET);
  expect(found.removed).toEqual(removed);
  expect(found.document).toEqual({ ...ENVELOPE, ...fitted });
  expect(bytes(found.document)).toBeLessThanOrEqual(BUDGET);
});

test('truncate: earlier truncations remain recorded', () => {
  const metadata = { default: { 'xray.truncated': ['user'] }, events: { events: [big(4_000)] } };
  expect(truncateDocument({ ...ENVELOPE, metadata }, BUDGET).document.metadata).toEqual(
    record('user', 'events'),
  );
});

test('truncate: the limit counts bytes, not characters', () => {
  const document = (count: number): SegmentDocument => ({ ...ENVELOPE, user: '日'.repeat(count) });
  const room = Math.floor((BUDGET - bytes(document(0))) / 3);
  expect(truncateDocument(document(room), BUDGET).removed).toEqual([]);
  expect(truncateDocument(document(room + 1), BUDGET).removed).toEqual(['all but the envelope']);
});

test('truncate: the name is truncated for a very small limit', () => {
  const { document, removed } = truncateDocument({ ...ENVELOPE, name: '𝒳'.repeat(200) }, 512);
  expect(removed).toEqual(['name']);
  expect(document.name).toMatch(/^𝒳+$/u);
  expect(bytes(document)).toBeLessThanOrEqual(512);
});
