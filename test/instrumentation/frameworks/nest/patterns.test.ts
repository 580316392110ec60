import { expect, test } from 'vitest';
import { patternName } from '../../../../src/instrumentation/frameworks/nest/patterns.ts';

test.each([
  ['orders.paid', 'orders.paid'],
  ['orders.4711.paid', 'orders.:id.paid'],
  [{ cmd: 'sum' }, 'cmd:sum'],
  ['{"cmd":"sum"}', 'cmd:sum'],
  [{ role: 'math', cmd: 'sum' }, 'cmd:sum role:math'],
  [{ cmd: { area: 'math', fn: 'sum' } }, 'cmd:area:math fn:sum'],
  [7, ':id'],
  [null, 'null'],
  [Symbol('sum'), 'Symbol(sum)'],
  ['{broken', '{broken'],
])('the pattern %j is shown as %s', (pattern, name) => {
  expect(patternName(pattern)).toBe(name);
});
