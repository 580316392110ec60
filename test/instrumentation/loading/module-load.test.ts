import { expect, test } from 'vitest';
import { packageOfFile } from '../../../src/instrumentation/loading/module-load.ts';

test.for([
  {
    file: '/app/node_modules/express/lib/express.js',
    found: {
      packageName: 'express',
      baseDir: '/app/node_modules/express',
      relativePath: 'lib/express.js',
    },
  },
  {
    file: '/app/node_modules/a/node_modules/@hapi/hapi/lib/index.js',
    found: {
      packageName: '@hapi/hapi',
      baseDir: '/app/node_modules/a/node_modules/@hapi/hapi',
      relativePath: 'lib/index.js',
    },
  },
  { file: '/app/src/index.js', found: undefined },
  { file: '/app/node_modules/lonely.js', found: undefined },
  { file: '/app/node_modules/@scope/lonely.js', found: undefined },
])('package of $file', ({ file, found }) => {
  expect(packageOfFile(file)).toEqual(found);
});
