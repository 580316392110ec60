import { afterEach, expect, test, vi } from 'vitest';
import { copySegmentId, randomSegmentId, segmentId } from '../../../src/translator/values/ids.ts';

const ID = '53995c3f42cd8ad8';

test.each<[string, unknown, string | undefined]>([
  ['a valid id', ID, ID],
  ['upper-case digits', ID.toUpperCase(), ID],
  ['digits of both cases', `${ID.slice(0, 8)}${ID.slice(8).toUpperCase()}`, ID],
  ['zeros', '0'.repeat(16), undefined],
  ['another ASCII character', `${ID.slice(1)}g`, undefined],
  ['a character that differs from a digit in one bit', `${ID.slice(1)}\u0018`, undefined],
  ['a character beyond ASCII', `${ID.slice(1)}\u0130`, undefined],
  ['too few digits', ID.slice(1), undefined],
  ['too many digits', `${ID}1`, undefined],
  ['no text', 7, undefined],
])('an id of a segment is returned, and written, in lower case: %s', (_what, spanId, id) => {
  const bytes = Buffer.alloc(18, '-');
  const copied = copySegmentId(bytes, 1, spanId);
  expect([segmentId(spanId), copied]).toEqual([id, id]);
  expect([undefined, bytes.toString('latin1').replaceAll('-', '')]).toContain(copied);
});

afterEach(() => {
  vi.restoreAllMocks();
});

test.each([
  { random: 0, id: '0000000000000001' },
  { random: 0.5, id: '8000000080000000' },
  { random: 2 ** -28, id: '0000001000000010' },
  { random: 0x12345678 / 2 ** 32, id: '1234567812345678' },
  { random: 1 - 2 ** -53, id: 'ffffffffffffffff' },
])('a random id has 16 digits and is never zero: $random', ({ random, id }) => {
  vi.spyOn(Math, 'random').mockReturnValue(random);
  expect(randomSegmentId()).toBe(id);
});
