import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ByteWriter } from '../../../src/exporter/encode/byte-writer.ts';
import { headFor, writeHead } from '../../../src/exporter/encode/document-head.ts';

const ID = '0'.repeat(16);
const SECOND = 1e6;
const NOW = 1_764_460_800 * SECOND;

/** Microseconds of a usual time, or one whose seconds have fewer digits, or the largest one. */
const micros = fc.oneof(
  fc.integer({ min: NOW, max: NOW + 3 * SECOND }),
  fc.constantFrom(1, 999 * SECOND + 5, 1_073_741_823 * SECOND, 9_999_999_999 * SECOND),
  fc.constantFrom(2 ** 30 * SECOND, 2 ** 32 * SECOND - 1, 2 ** 32 * SECOND, NOW + 100_000),
);

test('law: a head is written like JSON.stringify, whatever the same head was used for before', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 12 }),
      fc.array(fc.tuple(micros, micros), { minLength: 1, maxLength: 6 }),
      (name, times) => {
        const head = headFor(name);
        const out = new ByteWriter(1);
        for (const [start, end] of times) {
          const before = out.length;
          const middle = writeHead(out, head, start, end);
          const written = out.bytes.toString('utf8', before, out.length);
          const document = { name, id: ID, start_time: start / SECOND, end_time: end / SECOND };
          expect(`${written}}`).toBe(JSON.stringify(document));
          expect(out.bytes.toString('utf8', middle, middle + 13)).toBe(',"start_time"');
        }
      },
    ),
  );
});
