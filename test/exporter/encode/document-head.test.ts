import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ByteWriter } from '../../../src/exporter/encode/byte-writer.ts';
import { headFor, writeHead } from '../../../src/exporter/encode/document-head.ts';
import type { RootFields } from '../../../src/exporter/encode/written-document.ts';

const ID = '0'.repeat(16);
const SECOND = 1e6;
const NOW = 1_764_460_800 * SECOND;

/** Microseconds of a usual time, or one whose seconds have fewer digits, or the largest one. */
const micros = fc.oneof(
  fc.integer({ min: NOW, max: NOW + 3 * SECOND }),
  fc.constantFrom(1, 999 * SECOND + 5, 1_073_741_823 * SECOND, 9_999_999_999 * SECOND),
  fc.constantFrom(2 ** 30 * SECOND, 2 ** 32 * SECOND - 1, 2 ** 32 * SECOND, NOW + 100_000),
);

const traceId = fc.constantFrom(undefined, 'a'.repeat(32));
const parentId = fc.constantFrom(undefined, 'b'.repeat(16));

/** The fields of an outermost document, or those of a document inside another one. */
const rootFields = fc.option(fc.record({ traceId, parentId, subsegment: fc.boolean() }), {
  nil: undefined,
});

function fieldsOf(root: RootFields | undefined): object {
  return {
    ...(root?.traceId !== undefined && { trace_id: `1-${'a'.repeat(8)}-${'a'.repeat(24)}` }),
    ...(root?.parentId !== undefined && { parent_id: root.parentId }),
    ...(root?.subsegment === true && { type: 'subsegment' }),
  };
}

test('law: a head is written like JSON.stringify, whatever the same head was used for before', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 12 }),
      fc.array(fc.tuple(micros, micros, rootFields), { minLength: 1, maxLength: 6 }),
      (name, documents) => {
        const head = headFor(name);
        const out = new ByteWriter(1);
        for (const [start, end, root] of documents) {
          const before = out.length;
          writeHead(out, head, start, end, root);
          const written = out.bytes.toString('utf8', before, out.length);
          const times = { start_time: start / SECOND, end_time: end / SECOND };
          expect(`${written}}`).toBe(JSON.stringify({ name, id: ID, ...fieldsOf(root), ...times }));
          expect(out.bytes.toString('utf8', before + head.idAt, before + head.middle)).toBe(
            `${ID}"`,
          );
        }
      },
    ),
  );
});
