import { createRequire } from 'node:module';
import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { guardedWrapper, type Wrapper } from '../../src/instrumentation/loading/guarded-wrap.ts';
import { INSTRUMENTATIONS } from '../../src/instrumentation/table.ts';

type Fn = (this: unknown, ...args: unknown[]) => unknown;

interface Definition {
  patch?(exports: unknown, version?: string): unknown;
  readonly files?: readonly Definition[];
}

interface Instrumentation {
  _wrap: unknown;
  _massWrap: unknown;
  readonly _modules: readonly Definition[];
}

interface Wrapped {
  readonly instrumentation: string;
  readonly name: string;
  readonly wrapper: Wrapper;
}

const require = createRequire(import.meta.url);

/** Has every property, each of which is a function that has every property. */
function everything(): unknown {
  const known = new Map<PropertyKey, unknown>();
  return new Proxy(function all() {}, {
    get(target, key) {
      if (key === 'prototype') return Reflect.get(target, key);
      if (key === Symbol.toPrimitive) return () => 'all';
      if (!known.has(key)) known.set(key, everything());
      return known.get(key);
    },
    set: (_target, key, value) => known.set(key, value) !== undefined,
  });
}

/** The wrappers that an instrumentation puts around the functions of its modules. */
function wrappersOf({
  name,
  from,
  export: exported,
}: (typeof INSTRUMENTATIONS)[number]): Wrapped[] {
  if (from.startsWith('.')) return [];
  const made = new (require(from)[exported])({ enabled: false }) as Instrumentation;
  const found: Wrapped[] = [];
  const add = (_target: unknown, key: PropertyKey, wrapper: Wrapper): void => {
    found.push({ instrumentation: name, name: String(key), wrapper });
  };
  made._wrap = add;
  made._massWrap = (targets: readonly unknown[], keys: readonly string[], wrapper: Wrapper) => {
    for (const target of targets) for (const key of keys) add(target, key, wrapper);
  };
  for (const { patch, files = [] } of made._modules) {
    for (const apply of [patch, ...files.map((file) => file.patch)]) {
      try {
        apply?.(everything(), '99.0.0');
      } catch {
        // It needs more of its module than can be made up.
      }
    }
  }
  return found;
}

/** Those that wrap functions which always return a promise. */
const ASYNC: ReadonlySet<string> = new Set(['cucumber']);

const WRAPPED = INSTRUMENTATIONS.flatMap(wrappersOf);

/** Make values that an app may pass, and that code which expects others stumbles over. */
const HOSTILE: readonly (() => unknown)[] = [
  () => undefined,
  () => null,
  () => 42n,
  () => Symbol('s'),
  () => 'text',
  () => Object.freeze([]),
  () => Object.create(null),
  () =>
    Object.freeze({ text: 'SELECT 1', headers: Object.freeze({}), messages: Object.freeze([{}]) }),
  () => Object.seal({ topic: 't', messages: [Object.freeze({ value: 'v' })] }),
  () => Object.defineProperty({}, 'headers', { enumerable: true, get: fail }),
  () => new Proxy({}, { get: fail, has: fail, ownKeys: fail, getPrototypeOf: fail }),
  () => new Proxy({}, { set: () => false, defineProperty: () => false }),
  () => new Secret(),
  () => Object.freeze(() => {}),
  () => ({ toString: fail, valueOf: fail, [Symbol.toPrimitive]: fail }),
];

class Secret {
  #text = 'secret';
  get text(): string {
    return this.#text;
  }
}

const hostile = fc.array(fc.constantFrom(...HOSTILE), { maxLength: 4 });

function fail(): never {
  throw new EvalError('hostile');
}

const rejections: unknown[] = [];
/** Those of the app are not noted: some of these functions return no promise in a real app. */
const note = (reason: unknown): void => {
  if (!(reason instanceof RangeError)) rejections.push(reason);
};
beforeAll(() => void process.on('unhandledRejection', note));
afterAll(() => void process.off('unhandledRejection', note));

test('wrappers of most instrumentations are found', () => {
  const names = new Set(WRAPPED.map(({ instrumentation }) => instrumentation));
  expect(names.size).toBeGreaterThan(20);
  expect(WRAPPED.length).toBeGreaterThan(80);
});

test.for(WRAPPED)(
  '$instrumentation $name: the app’s function runs once, and no error but its own comes out',
  async ({ instrumentation, name, wrapper }) => {
    await fc.assert(
      fc.asyncProperty(hostile, fc.boolean(), fc.boolean(), async (makers, isFailing, isAsync) => {
        let calls = 0;
        const error = new RangeError('of the app');
        const run = (): undefined => {
          calls += 1;
          if (isFailing) throw error;
        };
        const original: Fn = isAsync || ASYNC.has(instrumentation) ? async () => run() : run;
        const wrapped = guardedWrapper(instrumentation, wrapper)(original, name);
        let thrown: unknown;
        try {
          await wrapped.apply(
            {},
            makers.map((make) => make()),
          );
        } catch (caught) {
          thrown = caught;
        }
        await setImmediate();
        expect({ calls, thrown }).toEqual({ calls: 1, thrown: isFailing ? error : undefined });
        expect(rejections).toEqual([]);
      }),
      { numRuns: 20 },
    );
  },
);
