import { expect, test } from 'vitest';
import { withPlainExports } from '../../scripts/build/plain-exports.ts';

/** As the bundler writes it. */
function exported(name: string, local = name): string {
  return `Object.defineProperty(exports, "${name}", {
  enumerable: true,
  get: function () {
    return ${local};
  }
});
`;
}

function exportsOf(code: string): Record<string, unknown> {
  const module = { exports: {} };
  new Function('exports', 'module', code)(module.exports, module);
  return module.exports;
}

test('names that are never assigned again are values', () => {
  const code = `function a() {}
const b$1 = 1;
var c = class {};
${exported('a')}${exported('b', 'b$1')}${exported('c')}`;
  expect(withPlainExports(code)).toBe(`function a() {}
const b$1 = 1;
var c = class {};
Object.assign(exports, {
	a,
	b: b$1,
	c,
});
`);
});

test.for([
  { how: 'an assignment', code: 'let a; exports.change = () => { a = 2; };' },
  { how: 'a compound assignment', code: 'let a = 1; exports.change = () => { a += 1; };' },
  { how: 'an update', code: 'let a = 1; exports.change = () => { a++; };' },
  {
    how: 'destructuring',
    code: 'let a; exports.change = () => { ({ key: [a] } = { key: [2] }); };',
  },
  { how: 'a loop', code: 'let a; exports.change = () => { for (a of [1, 2]); };' },
])('a name that is changed by $how stays a getter', ({ code }) => {
  const names = exportsOf(
    withPlainExports(`${code}\nconst b = 1;\n${exported('a')}${exported('b')}`),
  );
  (names['change'] as () => void)();
  expect(names).toMatchObject({ a: 2, b: 1 });
  expect(Object.getOwnPropertyDescriptor(names, 'a')?.get).toBeTypeOf('function');
  expect(Object.getOwnPropertyDescriptor(names, 'b')?.value).toBe(1);
});

test('a name that a module assigns is a value if the program runs the module, and only once', () => {
  const code = [
    'var ran, inner, twice, later;',
    'var init_inner = __esmMin((() => { inner = 1; }));',
    'var init_ran = __esmMin((() => { init_inner(); ran = 1; twice = 1; }));',
    'var init_later = __esmMin((() => { later = 1; }));',
    'init_ran();',
    'function change() { twice = 2; init_later(); }',
    ['ran', 'inner', 'twice', 'later'].map((name) => exported(name)).join(''),
  ].join('\n');
  const plain = withPlainExports(code);
  expect(plain).toContain('Object.assign(exports, {\n\tran,\n\tinner,\n});');
  expect(plain.match(/defineProperty\(exports, "\w+"/g)).toEqual([
    'defineProperty(exports, "twice"',
    'defineProperty(exports, "later"',
  ]);
});

test.for([
  {
    what: 'an enum',
    code: 'var a; (function (a) { a[(a["B"] = 0)] = "B"; })(a || (a = {}));',
    value: { 0: 'B', B: 0 },
  },
  {
    what: 'a name that is an index',
    code: 'const a = "b"; exports.change = () => { exports[a] = 2; };',
    value: 'b',
  },
  {
    what: 'a name that a block has for itself as well',
    code: 'function a() {} exports.change = () => { let a = 1; a = 2; };',
    value: expect.any(Function),
  },
])('$what is a value', ({ code, value }) => {
  const names = exportsOf(withPlainExports(`${code}\n${exported('a')}`));
  expect(Object.getOwnPropertyDescriptor(names, 'a')?.value).toEqual(value);
});

test('a name that only an inner block has for itself stays a getter', () => {
  const code = 'let a = 0; const change = () => { { let a = 1; a = 3; } a = 2; };';
  const names = exportsOf(withPlainExports(`${code}\n${exported('a')}${exported('change')}`));
  (names['change'] as () => void)();
  expect(names['a']).toBe(2);
});

test('one literal takes the place of all exports if no other chunk can have seen them', () => {
  const code = `let a = 0;
const b = 1;
const change = () => { a = 2; };
${exported('a')}${exported('b')}${exported('change')}`;
  const plain = withPlainExports(code, true);
  expect(plain).toContain('module.exports = {\n\tb,\n\tchange,\n\tget a() {');
  const names = exportsOf(plain);
  (names['change'] as () => void)();
  expect(names).toMatchObject({ a: 2, b: 1 });
});
