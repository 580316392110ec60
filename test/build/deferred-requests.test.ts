import { expect, test } from 'vitest';
import { withDeferredMethods } from '../../scripts/build/deferred-requests.ts';

const CODE = `"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
const version = require("./version");
let loaded;
const utils = () => (loaded ??= require("./utils"));
class Base {}
`;
const CLASS = `class Greeter {
  version = version;
  wrap() { return this._maker("Hello"); }
  later() { return this._greet("Bye"); }
  _maker(greeting) { const self = this; return function (name) { return self._text(greeting, name, this.mark); }; }
  _greet(greeting) { return this._text(greeting, "all", "."); }
  _text(greeting, name, mark) { return utils().join([greeting, name]) + mark; }
}
exports.Greeter = Greeter;
`;
const WHICH = { methods: ['_greet', '_text'], makers: ['_maker'] };

interface Greeter {
  wrap(): (this: { readonly mark: string }, name: string) => string;
  later(): string;
}

/** Runs the program; returns its class, and the modules that are loaded, in order. */
function run(code: string): { readonly create: () => Greeter; readonly loaded: readonly string[] } {
  const loaded: string[] = [];
  const { start, methods } = withDeferredMethods(code, './methods', WHICH);
  const load = (id: string): unknown => {
    loaded.push(id);
    if (id === './utils') return { join: (words: readonly string[]) => words.join(' ') };
    return id === './methods' ? evaluated(methods) : id;
  };
  const evaluated = (text: string): Record<string, unknown> => {
    const exports = {};
    new Function('exports', 'require', text)(exports, load);
    return exports;
  };
  const { Greeter } = evaluated(start) as { readonly Greeter: new () => Greeter };
  return { create: () => new Greeter(), loaded };
}

const code = CODE.replace('class Base {}\n', '') + CLASS;

test('methods load with the first call of one of them, and once', () => {
  const { create, loaded } = run(code);
  const hello = create().wrap();
  expect(loaded).toEqual(['./version']);
  expect(hello.call({ mark: '!' }, 'you')).toBe('Hello you!');
  expect(loaded).toEqual(['./version', './methods', './utils']);
  expect(hello.call({ mark: '?' }, 'me')).toBe('Hello me?');
  expect(create().later()).toBe('Bye all.');
  expect(loaded).toEqual(['./version', './methods', './utils']);
});

test('a method loads the others as well, and is not listed', () => {
  const { create, loaded } = run(code);
  const greeter = create();
  expect(greeter.later()).toBe('Bye all.');
  expect(greeter.wrap().call({ mark: '!' }, 'you')).toBe('Hello you!');
  expect(loaded).toEqual(['./version', './methods', './utils']);
  expect(Object.keys(Object.getPrototypeOf(greeter))).toEqual([]);
});

test('what only other methods use is not loaded again, and what only moved ones call is gone', () => {
  const { start, methods } = withDeferredMethods(code, './methods', WHICH);
  expect(methods).not.toContain('./version');
  expect(methods).toContain('let loaded;');
  expect(start).not.toContain('_text');
  expect(start).toContain('_greet(...args)');
});

test.for([
  {
    what: 'a class without one of the methods',
    changed: code.replace('_text(greeting, name, mark) {', '_other() {'),
  },
  { what: 'a file with two classes', changed: CODE + CLASS },
  {
    what: 'a method that calls the base class',
    changed: code.replace('utils().join', 'super.join'),
  },
])('the build fails for $what', ({ changed }) => {
  expect(() => withDeferredMethods(changed, './methods', WHICH)).toThrow();
});
