import { expect, test } from 'vitest';
import { unknownBundler } from '../../src/bundler/bundlers.ts';

test.for([
  { bundler: 'esbuild', version: '0.17.0' },
  { bundler: 'esbuild', version: '0.28.2' },
  { bundler: 'webpack', version: '5.113.0' },
  { bundler: 'rspack', version: '2.3.4' },
  { bundler: 'rollup', version: '4.68.8' },
  { bundler: 'rolldown', version: '1.3.3' },
  { bundler: 'vite', version: '8.4.0' },
] as const)('$bundler $version is supported', ({ bundler, version }) => {
  expect(unknownBundler(bundler, { [bundler]: version })).toBeUndefined();
});

test.for([
  { rollup: '4.20.0', message: undefined },
  { rollup: '3.29.0', message: expect.stringContaining('does not support vite (unknown version)') },
])(
  'the version of Vite is derived from rollup $rollup if Vite does not report it',
  ({ rollup, message }) => {
    expect(unknownBundler('vite', { rollup })).toEqual(message);
  },
);

test.for([
  { bundler: 'esbuild', version: '1.0.0', shown: '1.0.0 (supported: >=0.17.0 <1)' },
  { bundler: 'webpack', version: '4.47.0', shown: '4.47.0 (supported: >=5.40.0 <6)' },
  { bundler: 'vite', version: undefined, shown: '(unknown version) (supported: >=5.0.0 <9)' },
  { bundler: 'rollup', version: 'x', shown: 'x (supported: >=3.0.0 <5)' },
] as const)(
  '$bundler $version is not supported, and the message names the versions that are',
  ({ bundler, version, shown }) => {
    expect(unknownBundler(bundler, { [bundler]: version })).toBe(
      `otel-xray/${bundler} does not support ${bundler} ${shown}: the bundle is left unchanged, and packages in ` +
        `it are not traced. Update otel-xray, or use a supported version of ${bundler}.`,
    );
  },
);
