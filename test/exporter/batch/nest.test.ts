import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BatchWriter } from '../../../src/exporter/batch/batch-writer.ts';
import { flatten } from '../../../src/exporter/batch/nest.ts';
import { newCounters } from '../../../src/exporter/counters.ts';
import { ByteWriter } from '../../../src/exporter/encode/byte-writer.ts';
import { FRAME_HEADER_BYTES } from '../../../src/exporter/encode/frame.ts';
import type { SegmentDocument } from '../../../src/translator/document.ts';
import { documentOf } from '../../support/fake-daemon.ts';
import { anyDocuments } from '../../support/forest.ts';

interface Sent {
  readonly documents: readonly SegmentDocument[];
  readonly bytes: readonly number[];
  readonly counters: ReturnType<typeof newCounters>;
}

/** Returns the documents that the exporter would send, without a socket. */
function assembled(
  batches: readonly (readonly SegmentDocument[])[],
  options: { readonly maxDocumentBytes?: number; readonly nesting?: boolean } = {},
): Sent {
  const counters = newCounters();
  const assembly = new BatchWriter({
    counters: counters,
    translate: () => [],
    truncate: (document) => ({ document, removed: [] }),
    nesting: options.nesting ?? true,
    maxDocumentBytes: options.maxDocumentBytes ?? 65_477,
    maxBatchSize: 512,
  });
  for (const batch of batches) assembly.addDocuments(batch);
  const out = new ByteWriter(1024);
  const documents: SegmentDocument[] = [];
  const bytes: number[] = [];
  while (!assembly.isEmpty) {
    const datagram = assembly.writeNext(out);
    if (datagram === undefined) continue;
    const payload = Buffer.from(out.bytes.subarray(datagram.start, datagram.end));
    documents.push(documentOf(payload));
    bytes.push(payload.length - FRAME_HEADER_BYTES);
  }
  return { documents, bytes, counters };
}

/** Returns the documents as sorted JSON with sorted keys, to compare them in any order. */
function asSet(documents: readonly SegmentDocument[]): readonly string[] {
  const inOrder = (document: SegmentDocument) =>
    JSON.stringify(document, (_, value) =>
      value !== null && typeof value === 'object' && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
        : value,
    );
  return documents.map(inOrder).sort();
}

const anyBatches = fc
  .tuple(anyDocuments, fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 4 }))
  .map(([documents, sizes]) => {
    const batches: (readonly SegmentDocument[])[] = [];
    let from = 0;
    for (const size of sizes) {
      batches.push(documents.slice(from, from + size));
      from += size;
    }
    return [...batches, documents.slice(from)];
  });

test('law: flattening the nested documents gives the original ones, for any order, batches and limit', () => {
  fc.assert(
    fc.property(
      anyBatches,
      fc.integer({ min: 1_024, max: 65_477 }),
      (batches, maxDocumentBytes) => {
        const flat = assembled(batches, { nesting: false });
        const nested = assembled(batches, { maxDocumentBytes });
        expect(asSet(nested.documents.flatMap(flatten))).toEqual(asSet(flat.documents));
        expect(flat.documents).toHaveLength(batches.flat().length);
      },
    ),
    { numRuns: 500 },
  );
});

test('law: no document with nested documents is larger than the limit', () => {
  fc.assert(
    fc.property(
      anyBatches,
      fc.integer({ min: 1_024, max: 20_000 }),
      (batches, maxDocumentBytes) => {
        const { documents, bytes } = assembled(batches, { maxDocumentBytes });
        const tooLarge = documents.filter(
          ({ subsegments }, index) =>
            subsegments !== undefined && (bytes[index] ?? 0) > maxDocumentBytes,
        );
        expect(tooLarge).toEqual([]);
      },
    ),
    { numRuns: 500 },
  );
});

const base = { trace_id: '1-581cf771-a006649127e371903a2de979', start_time: 1, end_time: 2 };
const subsegment = (id: string, parent: string, size = 0): SegmentDocument => ({
  name: id,
  id,
  parent_id: parent,
  type: 'subsegment',
  ...base,
  ...(size === 0 ? {} : { metadata: { default: { padding: 'x'.repeat(size) } } }),
});

/** `root(child(grandchild))`, outermost documents in the order they are sent. */
function shape({ documents }: Sent): readonly string[] {
  const text = ({ id, subsegments = [] }: SegmentDocument): string =>
    subsegments.length === 0 ? id : `${id}(${subsegments.map(text).join(' ')})`;
  return documents.map(text);
}

test.for([
  {
    rule: 'children are nested inside their parent, at any depth and in any order',
    documents: [
      subsegment('c', 'b'),
      subsegment('b', 'a'),
      { name: 'a', id: 'a', ...base },
      subsegment('d', 'a'),
    ],
    shape: ['a(b(c) d)'],
  },
  {
    rule: 'a child without its parent in the batch is sent separately',
    documents: [subsegment('b', 'gone'), subsegment('c', 'b')],
    shape: ['b(c)'],
  },
  {
    rule: 'a segment is never nested',
    documents: [
      { name: 'a', id: 'a', ...base },
      { name: 'b', id: 'b', parent_id: 'a', ...base },
    ],
    shape: ['a', 'b'],
  },
  {
    rule: 'an in_progress document is neither nested nor has nested documents',
    documents: [
      { name: 'a', id: 'a', ...base },
      { ...subsegment('b', 'a'), end_time: undefined, in_progress: true as const },
      subsegment('c', 'b'),
    ],
    shape: ['a', 'b', 'c'],
  },
  {
    rule: 'a document of another trace with the same id is not the parent',
    documents: [{ name: 'a', id: 'a', ...base, trace_id: '1-581cf771-b' }, subsegment('b', 'a')],
    shape: ['a', 'b'],
  },
  {
    rule: 'a cycle is broken',
    documents: [subsegment('a', 'b'), subsegment('b', 'a')],
    shape: ['b(a)'],
  },
  {
    rule: 'a document that is its own parent is a root',
    documents: [subsegment('a', 'a'), subsegment('b', 'a')],
    shape: ['a(b)'],
  },
  {
    rule: 'the largest subtree of a document that is too large becomes a separate document',
    documents: [
      { name: 'a', id: 'a', ...base },
      subsegment('small', 'a', 300),
      subsegment('large', 'a', 500),
      subsegment('inside', 'large', 200),
    ],
    shape: ['a(small)', 'large(inside)'],
  },
])('nest: $rule', ({ documents, shape: expected }) => {
  expect(shape(assembled([documents], { maxDocumentBytes: 1_300 }))).toEqual(expected);
});

test('nest: a chain is split into documents with a depth of 100', () => {
  const chain = Array.from({ length: 250 }, (_, index) => subsegment(`s${index}`, `s${index - 1}`));
  const { documents, counters } = assembled([chain]);
  expect(documents.map((document) => flatten(document).length)).toEqual([100, 100, 50]);
  expect(counters).toMatchObject({ nested: 247, split: 2 });
});
