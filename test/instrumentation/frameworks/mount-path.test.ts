import { expect, test } from 'vitest';
import { mountOf } from '../../../src/instrumentation/frameworks/mount-path.ts';

test.each([
  ['/orders/7', '/orders/7', ''],
  ['/orders/7?page=2', '/orders/7', ''],
  ['/api/orders/7', '/orders/7', '/api'],
  ['/api/v1/orders?page=2', '/orders', '/api/v1'],
  ['/api', '/', '/api'],
  ['/api/', '/', '/api'],
  ['/', '/', ''],
  // An app may also rewrite the path.
  ['/old', '/items/7', ''],
])('%s with the path %s: mounted at %s', (originalUrl, path, mount) => {
  expect(mountOf({ originalUrl, path })).toBe(mount);
});
