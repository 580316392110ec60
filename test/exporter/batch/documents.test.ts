import { expect, test } from 'vitest';
import { writeDatagram, writeSeparator } from '../../../src/exporter/batch/documents.ts';
import { ByteWriter } from '../../../src/exporter/encode/byte-writer.ts';
import { FRAME_HEADER_BYTES } from '../../../src/exporter/encode/frame.ts';
import { writeDocument } from '../../../src/exporter/encode/write-document.ts';
import type { WrittenDocument } from '../../../src/exporter/encode/written-document.ts';

/** Counts what is copied from another writer. */
class CountingWriter extends ByteWriter {
  copies = 0;

  override copyFrom(from: ByteWriter, start: number, end: number): void {
    this.copies += 1;
    super.copyFrom(from, start, end);
  }
}

type Tree = readonly [name: string, ...children: Tree[]];

/** Names of the documents in the order in which they are written, with their children. */
const CASES: readonly {
  readonly rule: string;
  readonly written: readonly string[];
  readonly tree: Tree;
  /** Copies apart from the two of the outermost document. */
  readonly copies: number;
}[] = [
  { rule: 'none for no child', written: ['a'], tree: ['a'], copies: 0 },
  {
    rule: 'one for siblings one after the other',
    written: ['b', 'c', 'd', 'a'],
    tree: ['a', ['b'], ['c'], ['d']],
    copies: 1,
  },
  {
    rule: 'another one after a document that is elsewhere',
    written: ['b', 'x', 'c', 'd', 'a'],
    tree: ['a', ['b'], ['c'], ['d']],
    copies: 2,
  },
  {
    rule: 'another one for siblings in another order',
    written: ['c', 'b', 'a'],
    tree: ['a', ['b'], ['c']],
    copies: 2,
  },
  {
    rule: 'another one after a child with children',
    written: ['b', 'c', 'e', 'd', 'a'],
    tree: ['a', ['b'], ['c', ['e']], ['d']],
    copies: 3,
  },
];

test.for(CASES)('copies of children: $rule', ({ written, tree, copies }) => {
  const source = new ByteWriter(8);
  const documents = new Map<string, WrittenDocument>();
  for (const name of written) {
    documents.set(name, writeDocument(source, { name, id: name, start_time: 1 }));
    writeSeparator(source);
  }
  const nested = ([name, ...children]: Tree): WrittenDocument => {
    const document = documents.get(name) as WrittenDocument;
    document.children = children.map(nested);
    return document;
  };
  const expected = ([name, ...children]: Tree): object => ({
    name,
    id: name,
    start_time: 1,
    ...(children.length > 0 && { subsegments: children.map(expected) }),
  });
  const out = new CountingWriter(8);
  writeDatagram(out, source, nested(tree));
  expect(JSON.parse(out.bytes.toString('utf8', FRAME_HEADER_BYTES, out.length))).toEqual(
    expected(tree),
  );
  expect(out.copies).toBe(2 + copies);
});
