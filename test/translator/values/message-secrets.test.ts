import { expect, test } from 'vitest';
import { withoutNamedSecrets } from '../../../src/translator/values/message-secrets.ts';

test.each([
  ['Server=h;User Id=u;Password=a"b;', 'Server=h;User Id=u;Password=REDACTED"b;'],
  ["host=h password='a b' dbname=d", 'host=h password=REDACTED dbname=d'],
  ['PWD={a;b};Encrypt=yes', 'PWD=REDACTED;Encrypt=yes'],
  ['AccountName=a;AccountKey=b==;X=c', 'AccountName=a;AccountKey=REDACTED;X=c'],
  ['grant failed: client_secret=a&b=c', 'grant failed: client_secret=REDACTED&b=c'],
  [
    '{"code":"X","config":{"headers":{"Authorization":"Bearer a"},"auth":{"password":"b"}}}',
    '{"code":"X","config":{"headers":{"Authorization":"REDACTED"},"auth":{"password":"REDACTED"}}}',
  ],
  ['[{"text":"{\\"password\\":\\"a\\"}"}]', '[{"text":"{\\"password\\":\\"REDACTED\\"}"}]'],
  ['jwt malformed: Bearer abcdefghij.klmnopqrst', 'jwt malformed: Bearer REDACTED'],
])('%s becomes %s', (message, shown) => {
  expect(withoutNamedSecrets(message)).toBe(shown);
});

test.each([
  'Invalid password: must be 8 characters',
  'Unexpected token = in JSON at position 3',
  'Bearer authentication required',
  'password authentication failed for user "app"',
  '{"code":"X","key":"a"}',
])('%s is not changed', (message) => {
  expect(withoutNamedSecrets(message)).toBe(message);
});

test('messages are searched in linear time', () => {
  const hostile = ['x', 'password', 'password=', '"password":"', 'Bearer '].map((part) =>
    part.repeat(64_000 / part.length),
  );
  // Quadratic time would be minutes. Other processes do not count.
  const start = process.cpuUsage();
  for (const message of hostile) withoutNamedSecrets(message);
  const { user, system } = process.cpuUsage(start);
  expect(user + system).toBeLessThan(2_000_000);
});
