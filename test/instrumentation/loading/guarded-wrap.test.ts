import { EventEmitter } from 'node:events';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { guardedWrapper } from '../../../src/instrumentation/loading/guarded-wrap.ts';
import { instrumentationFailures } from '../../../src/instrumentation/wrap/guard.ts';

type Fn = (this: unknown, ...args: unknown[]) => unknown;

const BUG = new TypeError('bug of the instrumentation');
const APP_ERROR = new RangeError('of the app');

const failures = (): number => instrumentationFailures().get('test') ?? 0;

/** What a call comes to, and what the app's function was called with. */
function observe(call: (appFunction: Fn) => unknown, isFailing: boolean) {
  const calls: unknown[] = [];
  const appFunction: Fn = function (...args) {
    calls.push([this, ...args]);
    if (isFailing) throw APP_ERROR;
    return 'result';
  };
  try {
    return { returned: call(appFunction), calls };
  } catch (error) {
    return { thrown: error, calls };
  }
}

const throwBug = (): never => {
  throw BUG;
};

/** Wrappers by when they throw, and how often that is reported when the app's function fails or not. */
const WRAPPERS: readonly {
  when: string;
  wrapper: (original: Fn) => Fn;
  reports: (isFailing: boolean) => number;
}[] = [
  { when: 'never', wrapper: (original) => original, reports: () => 0 },
  { when: 'before the call', wrapper: () => throwBug, reports: () => 1 },
  {
    when: 'after the call',
    wrapper: (original) =>
      function (...args) {
        original.apply(this, args);
        return throwBug();
      },
    reports: (isFailing) => (isFailing ? 0 : 1),
  },
  {
    when: 'in place of the error of the app',
    wrapper: (original) =>
      function (...args) {
        try {
          return original.apply(this, args);
        } catch {
          return throwBug();
        }
      },
    reports: (isFailing) => (isFailing ? 1 : 0),
  },
  {
    when: 'whatever happens',
    wrapper: (original) =>
      function (...args) {
        try {
          return original.apply(this, args);
        } finally {
          // biome-ignore lint/correctness/noUnsafeFinally: what an instrumentation may do
          throw BUG;
        }
      },
    reports: () => 1,
  },
];

test.for(WRAPPERS.flatMap((row) => [true, false].map((isFailing) => ({ ...row, isFailing }))))(
  'a wrapper that throws $when; the function of the app fails: $isFailing',
  ({ wrapper, isFailing, reports }) => {
    const self = { self: true };
    const alone = observe((original) => original.call(self, 1, 'two'), isFailing);
    const before = failures();
    const wrapped = observe(
      (original) => guardedWrapper('test', wrapper)(original, 'call').call(self, 1, 'two'),
      isFailing,
    );
    expect(wrapped).toEqual(alone);
    expect(wrapped.calls).toEqual([[self, 1, 'two']]);
    expect(failures() - before).toBe(reports(isFailing));
  },
);

test('what a wrapper forgets to return is returned', () => {
  const wrapped = guardedWrapper(
    'test',
    (original) =>
      function (...args) {
        original.apply(this, args);
      },
  )(() => 'result', 'call');
  expect(wrapped.call(undefined)).toBe('result');
});

/** Wrappers of a callback by when they throw. */
const CALLBACKS: readonly { when: string; wrap: (callback: Fn) => Fn }[] = [
  { when: 'before it', wrap: () => throwBug },
  {
    when: 'after it',
    wrap: (callback) =>
      function (...args) {
        callback.apply(this, args);
        return throwBug();
      },
  },
];

test.for(CALLBACKS.flatMap((row) => [true, false].map((isFailing) => ({ ...row, isFailing }))))(
  'a wrapped callback that throws $when; the callback of the app fails: $isFailing',
  ({ wrap, isFailing }) => {
    const result = (run: (callback: Fn) => unknown) =>
      observe((callback) => run(callback), isFailing);
    const call: Fn = (_query, callback) => (callback as Fn).call('self', null, 'rows');
    const wrapped = guardedWrapper(
      'test',
      (original) =>
        function (query, callback) {
          return original.call(this, query, wrap(callback as Fn));
        },
    )(call, 'query');
    expect(result((callback) => wrapped.call(undefined, 'q', callback))).toEqual(
      result((callback) => call.call(undefined, 'q', callback)),
    );
  },
);

test.for(CALLBACKS.flatMap((row) => [true, false].map((isFailing) => ({ ...row, isFailing }))))(
  'a wrapped callback that throws $when, called by the event loop; that of the app fails: $isFailing',
  ({ wrap, isFailing }) => {
    const before = failures();
    const outcomes = (isWrapped: boolean) => {
      let callLater: Fn = () => {};
      const call: Fn = (callback) => {
        callLater = callback as Fn;
      };
      const query = isWrapped
        ? guardedWrapper(
            'test',
            (original) =>
              function (callback) {
                return original.call(this, wrap(callback as Fn));
              },
          )(call, 'query')
        : call;
      // The first error of the instrumentation is unknown, a later one is caught.
      return [1, 2].map(() =>
        observe((callback) => {
          query.call(undefined, callback);
          return callLater.call('self', null, 'rows');
        }, isFailing),
      );
    };
    expect(outcomes(true)).toEqual(outcomes(false));
    const isOfApp = isFailing && wrap(() => {}) !== throwBug;
    expect(failures() - before).toBe(isOfApp ? 0 : 2);
  },
);

test('a callback that the wrapper hands on is the one of the app', () => {
  const callback = (): void => {};
  const original = vi.fn<Fn>();
  const wrapped = guardedWrapper(
    'test',
    (inner) =>
      function (...args) {
        return inner.apply(this, args);
      },
  )(original, 'query');
  wrapped.call(undefined, callback);
  expect(original.mock.calls[0]?.[0]).toBe(callback);
});

test('a wrapper sees the name, the length and the properties of a callback', () => {
  const callback = Object.assign(function own(_a: unknown, _b: unknown) {}, { router: 'r' });
  let seen: unknown;
  guardedWrapper(
    'test',
    (original) =>
      function (given) {
        const { name, length, router } = given as typeof callback;
        seen = { name, length, router };
        return original.call(this, given);
      },
  )(() => {}, 'use').call(undefined, callback);
  expect(seen).toEqual({ name: 'own', length: 2, router: 'r' });
});

test('listeners that a wrapper adds and removes stay the same', () => {
  const emitter = new EventEmitter();
  const known = new Map<unknown, Fn>();
  const target = emitter as unknown as Record<string, Fn>;
  const bound = (listener: unknown): Fn => {
    const made = known.get(listener) ?? ((...args) => (listener as Fn)(...args));
    known.set(listener, made);
    return made;
  };
  for (const name of ['on', 'removeListener']) {
    target[name] = guardedWrapper(
      'test',
      (original) =>
        function (event, listener) {
          return original.call(this, event, bound(listener));
        },
    )(target[name] as Fn, name);
  }
  const listener = vi.fn();
  emitter.on('x', listener);
  emitter.emit('x');
  emitter.removeListener('x', listener);
  emitter.emit('x');
  expect(listener).toHaveBeenCalledTimes(1);
});

/** Wrappers that derive a promise from the app's. */
const PROMISES: readonly { when: string; derive: (promise: Promise<unknown>) => unknown }[] = [
  { when: 'when it is fulfilled', derive: (promise) => promise.then(throwBug) },
  { when: 'when it is rejected', derive: (promise) => promise.catch(throwBug) },
  { when: 'when it is settled', derive: (promise) => promise.finally(throwBug) },
  { when: 'at once', derive: async () => throwBug() },
];

test.for(PROMISES.flatMap((row) => [true, false].map((isFailing) => ({ ...row, isFailing }))))(
  'a wrapper whose promise throws $when; the promise of the app fails: $isFailing',
  async ({ derive, isFailing }) => {
    const call = async (): Promise<string> => {
      if (isFailing) throw APP_ERROR;
      return 'result';
    };
    const wrapped = guardedWrapper(
      'test',
      (original) =>
        function (...args) {
          return derive(original.apply(this, args) as Promise<unknown>);
        },
    )(call as Fn, 'call');
    const settled = await Promise.allSettled([wrapped.call(undefined), call()]);
    expect(settled[0]).toEqual(settled[1]);
  },
);

test('an async wrapper that throws before the call: the function of the app is called', async () => {
  const wrapped = guardedWrapper('test', () => async () => throwBug())(() => 'result', 'call');
  await expect(wrapped.call(undefined)).resolves.toBe('result');
});

test('constructors stay constructors, functions and classes alike', () => {
  function Old(this: { value?: unknown }, value: unknown) {
    this.value = value;
  }
  class New {
    static known = true;
    readonly value: unknown;
    constructor(value: unknown) {
      this.value = value;
    }
  }
  for (const Original of [Old, New] as unknown as (new (
    value: number,
  ) => { value: number })[]) {
    const Wrapped = guardedWrapper('test', (original) => {
      const patched = function (this: unknown, ...args: unknown[]): unknown {
        return Reflect.construct(original, args, new.target as never);
      };
      patched.prototype = original.prototype;
      return patched;
    })(Original as unknown as Fn, 'Client') as unknown as typeof Original;
    const made = new Wrapped(1);
    expect(made.value).toBe(1);
    expect(made).toBeInstanceOf(Wrapped);
    expect(made).toBeInstanceOf(Original);
  }
});

test('recursion: each call of the app counts for its own wrapper', () => {
  fc.assert(
    fc.property(fc.nat({ max: 20 }), fc.nat({ max: 20 }), (depth, throwsAt) => {
      const make = (wrap: (original: Fn) => Fn): Fn => {
        const count: Fn = (left) =>
          (left as number) === 0
            ? 0
            : 1 + (counted.call(undefined, (left as number) - 1) as number);
        const counted = wrap(count);
        return counted;
      };
      const plain = make((original) => original);
      const guarded = make((original) =>
        guardedWrapper(
          'test',
          (inner) =>
            function (left) {
              if (left === throwsAt) throw BUG;
              const result = inner.call(this, left);
              if ((left as number) % 3 === 0) throw BUG;
              return result;
            },
        )(original, 'count'),
      );
      expect(guarded.call(undefined, depth)).toBe(plain.call(undefined, depth));
    }),
  );
});
