import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { withDefault } from '../../../src/instrumentation/loading/replace-default.ts';
import { withExports } from '../../../src/instrumentation/loading/replace-exports.ts';

type Exports = Record<string, unknown>;

/** Exports as TypeScript and Babel compile an ES module: getters, and a mark that is not enumerable. */
function compiled(names: Exports): Exports {
  const exports = Object.defineProperty({}, '__esModule', { value: true });
  for (const [name, value] of Object.entries(names)) {
    Object.defineProperty(exports, name, { enumerable: true, get: () => value });
  }
  return exports;
}

/** What `import it from 'package'` is in a TypeScript app that is compiled to CommonJS. */
const importDefault = runInNewContext(
  '(mod) => (mod && mod.__esModule ? mod : { default: mod }).default',
) as (exports: unknown) => unknown;

describe('replaced exports', () => {
  test('of a compiled module are a copy that is still one, with its other getters', () => {
    const exports = compiled({ connect: 1, close: 2 });
    const replaced = withExports(exports, { connect: 3 });
    expect({ ...exports }).toEqual({ connect: 1, close: 2 });
    expect({ ...replaced }).toEqual({ connect: 3, close: 2 });
    expect(replaced['__esModule']).toBe(true);
    expect(Object.getOwnPropertyDescriptor(replaced, 'close')?.get?.()).toBe(2);
  });

  test('of a package that exports an object keep its prototype', () => {
    class Client {
      ping(): string {
        return 'pong';
      }
    }
    const replaced = withExports(Object.assign(new Client(), { connect: 1 }), { connect: 3 });
    expect([replaced.connect, replaced.ping()]).toEqual([3, 'pong']);
  });

  test('are also those of the object that is exported as default', () => {
    const all = compiled({ connect: 1, close: 2 });
    const { default: replaced } = withExports(compiled({ connect: 1, default: all }), {
      connect: 3,
    }) as { default: Exports };
    expect({ ...replaced }).toEqual({ connect: 3, close: 2 });
    expect(replaced['__esModule']).toBe(true);
  });

  test('of an ES module are set one by one', () => {
    const namespace = new Proxy({ connect: 1, close: 2 } as Exports, {});
    expect(withExports(namespace, { connect: 3 })).toBe(namespace);
    expect({ ...namespace }).toEqual({ connect: 3, close: 2 });
  });
});

test.each([
  ['a function', (connect: () => string) => connect],
  [
    'a compiled module with a default export',
    (connect: () => string) => compiled({ default: connect }),
  ],
])('the default export of %s is replaced for compiled apps', (_what, exportsOf) => {
  const replaced = withDefault(
    'test',
    exportsOf(() => 'app'),
    (original) => {
      return function (this: unknown, ...args: unknown[]): unknown {
        return `traced ${original.apply(this, args)}`;
      };
    },
  );
  expect((importDefault(replaced) as () => string)()).toBe('traced app');
});
