import fc from 'fast-check';
import { expect, test } from 'vitest';
import { withoutPort } from '../../../src/instrumentation/http/client-address.ts';

/** The function of the http instrumentation. */
function hostOf(address: string): string {
  if (!URL.canParse(`http://${address}`)) return address;
  return new URL(`http://${address}`).hostname.replace(/^\[(.*)\]$/, '$1');
}

test.each([
  ['203.0.113.7', '203.0.113.7'],
  ['203.0.113.7:4711', '203.0.113.7'],
  ['2001:db8::7', '2001:db8::7'],
  ['[2001:db8::7]', '2001:db8::7'],
  ['[2001:db8::7]:4711', '2001:db8::7'],
  ['unknown', 'unknown'],
])('the client address %s has no port as %s', (address, expected) => {
  expect(withoutPort(address, hostOf)).toBe(expected);
});

/** Text of characters that parsers of hosts treat in a special way. */
const text = fc
  .array(
    fc.constantFrom(
      ...['[', ']', ':', '.', '%', '/', '@', '?', ' ', '"', 'é', 'a', 'F', '0', '25'],
    ),
    {
      maxLength: 8,
    },
  )
  .map((parts) => parts.join(''));

test('an address without a port is what the http instrumentation makes of it', () => {
  const address = fc.oneof(fc.ipV4(), fc.ipV4Extended(), fc.ipV6(), text);
  fc.assert(
    fc.property(address, (given) => {
      expect(withoutPort(given, hostOf)).toBe(hostOf(given));
    }),
    { numRuns: 5_000 },
  );
});

test('an address without a port is not parsed', () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (address) => {
      expect(withoutPort(address, () => 'parsed')).toBe(address);
    }),
  );
});
