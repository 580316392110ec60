import { expect, test } from 'vitest';
import { routeIdName } from '../../../src/instrumentation/frameworks/route-ids.ts';
import { cleanName } from '../../../src/translator/blocks/name.ts';

test.each([
  ['a parameter', 'routes/orders.$id', 'routes/orders.:id'],
  ['a folder', '/orders/$orderId/items', '/orders/:orderId/items'],
  ['a parameter within a segment', '/files/{$name}.txt', '/files/:name.txt'],
  ['an optional parameter', '/{-$locale}/about', '/:locale/about'],
  ['an optional parameter of React Router', 'routes/($lang)._index', 'routes/:lang._index'],
  ['the rest of the path', 'routes/files.$', 'routes/files.:splat'],
  ['the rest of the path, as a folder', '/files/$', '/files/:splat'],
  ['no parameter', 'routes/_shop.orders', 'routes/_shop.orders'],
])('a subsegment is named after %s', (_what, id, expected) => {
  expect(cleanName(routeIdName(id))).toBe(expected);
});
