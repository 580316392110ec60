import { expect, test } from 'vitest';
import { ipAddress } from '../../../src/translator/values/host.ts';

const CASES: readonly (readonly [text: string, address: string | undefined])[] = [
  ['203.0.113.1', '203.0.113.1'],
  ['::ffff:203.0.113.1', '203.0.113.1'],
  ['[2001:db8::1]', '2001:db8::1'],
  ['203.0.113.256', undefined],
  ['example.com', undefined],
  ['', undefined],
];

test('an address is read from its own text, whatever was read before', () => {
  for (const [before] of CASES) {
    for (const [text, address] of CASES) {
      ipAddress(before);
      expect([ipAddress(text), ipAddress(text)]).toEqual([address, address]);
    }
  }
});
