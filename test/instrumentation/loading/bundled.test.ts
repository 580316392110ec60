import { InstrumentationBase } from '@opentelemetry/instrumentation';
import { afterEach, expect, test } from 'vitest';
import {
  type BundledModule,
  watchBundledModules,
} from '../../../src/instrumentation/loading/bundled.ts';
import { Hook } from '../../../src/instrumentation/loading/hooks.ts';
import type { LoadedFile } from '../../../src/instrumentation/loading/module-load.ts';

const BUNDLE = Symbol.for('otel-xray.bundle');
const holder = globalThis as unknown as Record<symbol, { push(module: BundledModule): void }>;
const undo: (() => void)[] = [];

afterEach(() => {
  for (const step of undo.splice(0)) step();
  delete holder[BUNDLE];
});

function watch(onPackage: (file: LoadedFile) => void = () => {}): readonly string[] {
  const { before, stop } = watchBundledModules(onPackage, false);
  undo.push(stop);
  return before;
}

function hook(name: string, onLoad: (exports: never, baseDir: string) => unknown): void {
  const made = new Hook([name], {}, (exports, _name, baseDir) =>
    onLoad(exports as never, baseDir as string),
  );
  undo.push(() => made.unhook());
}

/** Passes a module on as the code in a bundle does. */
function push(module: BundledModule): BundledModule {
  holder[BUNDLE]?.push(module);
  return module;
}

test('a hook may replace the exports of a CommonJS module', () => {
  const files: LoadedFile[] = [];
  watch((file) => files.push(file));
  hook('pg/lib/client.js', (exports: string) => `traced ${exports}`);
  expect(push(['client', 'pg/lib/client.js', 'pg', '8.23.1'])[0]).toBe('traced client');
  expect(files).toEqual([
    { packageName: 'pg', baseDir: 'pg@8.23.1 in the bundle', relativePath: 'lib/client.js' },
  ]);
});

test('the exports of an ES module are assigned one by one', () => {
  const assigned: unknown[] = [];
  watch();
  hook('@hono/node', (exports: Record<string, unknown>) => {
    expect(Object.prototype.toString.call(exports)).toBe('[object Module]');
    exports['Hono'] = 'assigned';
    Object.defineProperty(exports, 'other', { value: 'defined' });
    return 'returned';
  });
  const exports = { Hono: 1, other: 2, default: 3 };
  const setters = Object.fromEntries(
    Object.keys(exports).map((name) => [name, (value: unknown) => assigned.push([name, value])]),
  );
  push([exports, '@hono/node', '@hono/node', '1.0.0', setters]);
  expect(assigned).toEqual([
    ['Hono', 'assigned'],
    ['other', 'defined'],
    ['default', 'returned'],
  ]);
});

test('a hook that fails does not change the exports', () => {
  watch();
  hook('pg', () => {
    throw new Error('broken');
  });
  const exports = {};
  expect(push([exports, 'pg', 'pg', '8.23.1'])[0]).toBe(exports);
});

test('an instrumentation sees the version that the plugin has recorded', () => {
  const patched: unknown[] = [];
  class Instrumentation extends InstrumentationBase {
    protected override init() {
      return {
        name: 'pg',
        supportedVersions: ['>=8 <9'],
        files: [],
        patch: (exports: unknown, version?: string) => patched.push([exports, version]),
      };
    }
  }
  const made = new Instrumentation('test', '1', {}) as unknown as {
    readonly _modules: readonly unknown[];
    _onRequire(definition: unknown, exports: unknown, name: string, baseDir: string): unknown;
  };
  watch();
  hook('pg', (exports, baseDir) => made._onRequire(made._modules[0], exports, 'pg', baseDir));
  push(['supported', 'pg', 'pg', '8.23.1']);
  push(['unsupported', 'pg', 'pg', '9.0.0']);
  expect(patched).toEqual([['supported', '8.23.1']]);
});

test('packages that ran before otel-xray are named', () => {
  Object.assign(globalThis, { [BUNDLE]: [[{}, 'pg/lib/client.js', 'pg', '8.23.1']] });
  expect(watch()).toEqual(['pg']);
});

test('after the end, modules wait again', () => {
  watch();
  undo.pop()?.();
  expect(holder[BUNDLE]).toBeUndefined();
});
