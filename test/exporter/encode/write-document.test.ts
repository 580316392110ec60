import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ByteWriter } from '../../../src/exporter/encode/byte-writer.ts';
import {
  writeDocument,
  writePartialDocument,
} from '../../../src/exporter/encode/write-document.ts';
import { attributeKey } from '../../../src/translator/context/attribute-keys.ts';
import type { TranslatorOptions } from '../../../src/translator/context/options.ts';
import {
  DOCUMENT_FIELDS,
  type FieldRow,
  type FieldTable,
  type SegmentDocument,
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

/** Writes the own fields with `write` and parses them. */
function parsed(
  write: (out: ByteWriter) => { readonly start: number; readonly end: number },
): unknown {
  // Small, to test that the buffer grows.
  const out = new ByteWriter(8);
  const { start, end } = write(out);
  return JSON.parse(`${out.bytes.toString('utf8', start, end)}}`);
}

function written(partial: PartialDocument): unknown {
  return parsed((out) => writePartialDocument(out, partial));
}

/** Returns what `JSON.stringify` makes of the document, without the fields of an outermost document. */
function expected(partial: PartialDocument): unknown {
  const { name, id, trace_id, parent_id, type, subsegments, ...rest } = toDocument(partial);
  return JSON.parse(JSON.stringify({ name, id, ...rest }));
}

const SETTINGS: readonly TranslatorOptions[] = [
  {},
  { indexAllAttributes: true, workingDirectory: '/srv/app' },
  { indexedAttributes: ['otel.resource.*', 'http.*'], resourceMetadata: ['service.name'] },
  { resourceMetadata: 'none', downstreamTraced: true },
];

test('writes every document of the translator like JSON.stringify', () => {
  fc.assert(
    fc.property(anySpan, fc.constantFrom(...SETTINGS), (span, options) => {
      const partials = toPartialDocuments(span, options);
      expect(partials.map(written)).toEqual(partials.map(expected));
      // The second time, the bytes of shared objects come from the cache.
      expect(partials.map(written)).toEqual(partials.map(expected));
    }),
    { numRuns: 3_000 },
  );
});

/** Returns a document that has every field of the table. */
function sampleDocument(): SegmentDocument {
  return {
    ...(sampleBlock(DOCUMENT_FIELDS) as object),
    name: 'shop',
    id: '70de5b6f19ff9a0a',
    start_time: 1.5,
    end_time: 2,
    in_progress: true,
    metadata: { default: { own: 1 }, other: { b: [1, null] } },
  } as SegmentDocument;
}

function sampleBlock(fields: FieldTable): object {
  return Object.fromEntries(
    Object.entries(fields).map(([name, row]) => [name, sampleOf(name, row)]),
  );
}

function sampleOf(name: string, row: FieldRow): unknown {
  if (typeof row === 'string') return row === 'shared' ? { [name]: ['a', 1] } : `a ${name}`;
  if (!Array.isArray(row)) return sampleBlock(row as FieldTable);
  const block = sampleBlock(row[1]);
  return row[0] === 'list' ? [block, block] : block;
}

const DOCUMENT = sampleDocument();

const UNMAPPED: UnmappedAttributes = {
  keys: ['a.b', '__proto__', 'é"'].map(attributeKey),
  values: ['text', [1, null], true],
};

test.for<{ rule: string; partial: PartialDocument }>([
  {
    rule: 'every field of the table',
    partial: { document: DOCUMENT, resourceMetadata: { 'otel.resource.a': 1 }, unmapped: UNMAPPED },
  },
  {
    rule: 'metadata of the document alone',
    partial: { document: DOCUMENT, resourceMetadata: undefined, unmapped: NO_UNMAPPED },
  },
  {
    rule: 'metadata of the resource alone',
    partial: {
      document: { ...DOCUMENT, metadata: undefined },
      resourceMetadata: { 'otel.resource.a': 1, 'otel.resource.b': 'x' },
      unmapped: NO_UNMAPPED,
    },
  },
  {
    rule: 'metadata of the resource and another namespace',
    partial: {
      document: { ...DOCUMENT, metadata: { n: { a: 1 } } },
      resourceMetadata: { r: true },
      unmapped: NO_UNMAPPED,
    },
  },
  {
    rule: 'empty blocks, and a cause in another document',
    partial: {
      document: { ...DOCUMENT, http: { request: {}, response: undefined }, sql: {}, cause: 'x' },
      resourceMetadata: undefined,
      unmapped: UNMAPPED,
    },
  },
  {
    rule: 'frozen blocks',
    partial: {
      document: {
        ...DOCUMENT,
        aws: Object.freeze({ region: 'eu-west-1', xray: { sdk: 's' } }),
        service: Object.freeze({ version: '1' }),
      },
      resourceMetadata: undefined,
      unmapped: NO_UNMAPPED,
    },
  },
])('$rule', ({ partial }) => {
  expect(written(partial)).toEqual(expected(partial));
  expect(written(partial)).toEqual(expected(partial));
});

test('a field that is not in the table is written, too', () => {
  const extra = {
    ...DOCUMENT,
    cost: { cents: 3 },
    http: { request: { method: 'GET', version: '1.1' } },
    aws: Object.freeze({ model_id: 'm' }),
    user: new Date(0),
  } as unknown as SegmentDocument;
  const partial = { document: extra, resourceMetadata: undefined, unmapped: NO_UNMAPPED };
  expect(parsed((out) => writeDocument(out, extra))).toEqual(expected(partial));
});

test('parameters of AWS calls are written, whatever their type is', () => {
  const parameters = { key: { id: { S: '7' } }, sizes: [1], label: null, operation: 'other' };
  const attributes = {
    'rpc.system': 'aws-api',
    'rpc.method': 'GetItem',
    'aws.xray.parameters': JSON.stringify(parameters),
  };
  const [partial] = toPartialDocuments(spanOf({ kind: 'CLIENT', parent: PARENT_ID, attributes }));
  const aws = { ...parameters, operation: 'GetItem' };
  expect(written(partial as PartialDocument)).toMatchObject({ aws });
  expect(written(partial as PartialDocument)).toEqual(expected(partial as PartialDocument));
});
