import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  plainTarget,
  redactedQuery,
  type Target,
} from '../../../src/instrumentation/http/plain-target.ts';

const NAMES = ['sig', 'X-Goog-Signature'];

/** Text of characters and sequences that parsers of URLs treat in a special way. */
const text = fc
  .array(
    fc.constantFrom(
      ...['/', '//', '.', '..', '%2e', '%2E', '%', '%41', '?', '#', '\\', '&', '=', '+', '@', ':'],
      ...[' ', '\t', '\n', '"', "'", '<', '{', '^', '|', '`', '[', 'é', '\u{1f600}', '\0', 'sig'],
      ...['a', 'B', '7', '~', '!', '$', '(', '*', ',', ';', '-', '_', 'X-Goog-Signature'],
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(''));
const host = fc.constantFrom('a.example', 'a.example:8080', '[::1]:3000', '127.0.0.1', 'u:p@b');
const badHost = fc.constantFrom('a b', '256.1.1.1', 'a:99999', '[::', '%', ':80', 'a:b');

test.each([
  ['/', '/', ''],
  ['/orders/17', '/orders/17', ''],
  ['/orders/17?page=2&x', '/orders/17', '?page=2&x'],
  ['/a//b/', '/a//b/', ''],
  ['/a.b/c%20d?e=%2e', '/a.b/c%20d', '?e=%2e'],
  ['/a?', '/a', ''],
])('%s is not parsed', (url, pathname, search) => {
  expect(plainTarget(url, 'a.example')).toEqual({ pathname, search });
});

function parsedTarget(url: string, name: string): Target | undefined {
  if (!URL.canParse(url, `http://${name}`)) return undefined;
  const { pathname, search } = new URL(url, `http://${name}`);
  return { pathname, search };
}

test('a plain target is what URL makes of it', () => {
  fc.assert(
    fc.property(text, host, (rest, name) => {
      const parsed = parsedTarget(`/${rest}`, name);
      expect(plainTarget(`/${rest}`, name) ?? parsed).toEqual(parsed);
    }),
    { numRuns: 5_000 },
  );
});

test('a target is parsed if its host makes the URL invalid', () => {
  fc.assert(
    fc.property(badHost, host, (bad, good) => {
      expect(plainTarget('/', good)).toEqual({ pathname: '/', search: '' });
      expect(plainTarget('/', bad)).toBeUndefined();
      expect(() => new URL('/', `http://${bad}`)).toThrow();
    }),
  );
});

test.each([undefined, '*', 'http://a.example/', '//a', '/../a', '/a/%2e%2e/b', '/a b', '/a#b', ''])(
  'plainTarget(%j) is undefined',
  (url) => expect(plainTarget(url, 'a.example')).toBeUndefined(),
);

test.each([
  ['page=2&size=10', false],
  ['q=', false],
  ['page', true],
  ['a=b+c', true],
  ['a=%20', true],
  ['a=1&&b=2', true],
  ['sig=1', true],
  ['a=1&X-Goog-Signature=2', true],
  ['design=1', true],
])('redactedQuery(%j) parses the query: %j', (query, isParsed) => {
  expect(redactedQuery(query, NAMES, () => 'parsed')).toBe(isParsed ? 'parsed' : query);
});

test('a query that is not parsed is serialized to the same text and has no parameter to redact', () => {
  const redact = (query: URLSearchParams): string => {
    for (const name of NAMES) if (query.has(name)) query.set(name, 'REDACTED');
    return `${query}`;
  };
  fc.assert(
    fc.property(text, (query) => {
      expect(redactedQuery(query, NAMES, redact)).toBe(redact(new URLSearchParams(query)));
    }),
    { numRuns: 5_000 },
  );
});
