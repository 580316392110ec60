import { expect, test } from 'vitest';
import { otelXray as esbuild } from '../../src/esbuild.ts';
import { otelXray as rolldown } from '../../src/rolldown.ts';
import { otelXray as rollup } from '../../src/rollup.ts';
import { otelXray as rspack } from '../../src/rspack.ts';
import { otelXray as vite } from '../../src/vite.ts';
import { otelXray as webpack } from '../../src/webpack.ts';

/** A plugin used with a version of its bundler that it does not support. */
function text(bundler: string, version: string): unknown {
  return expect.stringMatching(
    new RegExp(`^otel-xray/${bundler} does not support ${bundler} ${version} .*left unchanged`),
  );
}

test.for([{ esbuild: { version: '2.0.0' } }, {}])('esbuild: %j', async (version) => {
  const starts: (() => { readonly warnings: readonly { readonly text: string }[] })[] = [];
  const unused = (): never => {
    throw new Error('the build is changed');
  };
  await esbuild().setup({
    ...version,
    initialOptions: {},
    onStart: (start: (typeof starts)[number]) => starts.push(start),
    onLoad: unused,
    onResolve: unused,
    onEnd: unused,
  });
  expect(starts.map((start) => start())).toEqual([
    { warnings: [{ text: text('esbuild', version.esbuild?.version ?? '\\(unknown version\\)') }] },
  ]);
});

interface Hooks {
  buildStart(this: object): void;
  readonly transform: {
    handler(this: object, source: string, id: string): Promise<unknown>;
  };
}

test.for([
  { name: 'rollup', plugin: rollup, meta: { rollupVersion: '5.0.0' }, version: '5.0.0' },
  { name: 'rolldown', plugin: rolldown, meta: { rolldownVersion: '2.0.0' }, version: '2.0.0' },
  {
    name: 'vite',
    plugin: vite,
    meta: { viteVersion: '9.0.0', rollupVersion: '4.23.0' },
    version: '9.0.0',
  },
] as const)('$name $version', async ({ name, plugin, meta, version }) => {
  const warnings: string[] = [];
  const context = { meta, warn: (message: string) => warnings.push(message) };
  const { buildStart, transform } = plugin() as unknown as Hooks;
  buildStart.call(context);
  const file = `${import.meta.dirname}/../../node_modules/express/index.js`;
  expect(await transform.handler.call(context, 'module.exports = 1;', file)).toBeUndefined();
  expect(warnings).toEqual([text(name, version)]);
});

test.for([
  { name: 'webpack', plugin: webpack, compiler: { webpack: { version: '6.0.0' } } },
  { name: 'webpack', plugin: webpack, compiler: {} },
  { name: 'rspack', plugin: rspack, compiler: { rspack: { rspackVersion: '3.0.0' } } },
] as const)('$name: $compiler', ({ name, plugin, compiler }) => {
  const warnings: Error[] = [];
  const tap = (_name: string, run: (compilation: object) => void): void => run({ warnings });
  // Without options: whoever reads them changes the build.
  plugin().apply({ ...compiler, hooks: { thisCompilation: { tap } } });
  expect(warnings.map(({ message }) => message)).toEqual([
    expect.stringContaining(`otel-xray/${name} does not support ${name} `),
  ]);
});
