import { expect, test } from 'vitest';
import { parseForeignStack } from '../../../src/translator/values/foreign-stacks.ts';
import { parseV8Stack } from '../../../src/translator/values/stack.ts';

type Row = readonly [
  line: string,
  path: string | undefined,
  number: number | undefined,
  label: string,
];

/** The table of docs/spec/translation.md section 4.4, then more. */
const FRAMES: readonly Row[] = [
  ['foo (/app/src/a.js:10:5)', '/app/src/a.js', 10, 'foo'],
  ['async Bar.baz (file:///app/src/b.mjs:20:7)', '/app/src/b.mjs', 20, 'async Bar.baz'],
  ['/app/anon.js:1:2', '/app/anon.js', 1, 'anonymous'],
  ['async Promise.all (index 0)', undefined, undefined, 'async Promise.all (index 0)'],
  ['new Foo (C:\\app\\x.js:3:4)', 'C:\\app\\x.js', 3, 'new Foo'],
  ['C:\\Program Files (x86)\\a b\\x.js:3:4', 'C:\\Program Files (x86)\\a b\\x.js', 3, 'anonymous'],
  ['run (file:///C:/Users/me/my%20app/x.mjs:3:4)', 'C:/Users/me/my app/x.mjs', 3, 'run'],
  [
    'Object.<anonymous> (node:internal/modules/cjs/loader:1554:14)',
    'node:internal/modules/cjs/loader',
    1554,
    'Object.<anonymous>',
  ],
  ['eval (eval at f (eval at g (/app/e.js:5:1)), <anonymous>:1:1)', '/app/e.js', 5, 'eval'],
  ['JSON.parse (<anonymous>)', '<anonymous>', undefined, 'JSON.parse'],
  ['Array.map (native)', 'native', undefined, 'Array.map'],
  ['Foo.bar [as baz] (/app/(group)/page.js:7:8)', '/app/(group)/page.js', 7, 'Foo.bar [as baz]'],
  ['async file:///app/top.mjs:1:1', '/app/top.mjs', 1, 'async anonymous'],
  ['[Symbol.iterator] ([eval]:12:49)', '[eval]', 12, '[Symbol.iterator]'],
  [
    'wasm://wasm/9b26a95e:wasm-function[0]:0x1e',
    'wasm://wasm/9b26a95e',
    undefined,
    'wasm-function[0]',
  ],
  ['evalmachine.<anonymous>:1:7', 'evalmachine.<anonymous>', 1, 'anonymous'],
  ['h (file:///app/m.mjs?update=17:9:2)', '/app/m.mjs', 9, 'h'],
  ['fn (unknown location)', undefined, undefined, 'fn'],
  ['f (http://h:8080/x.js:1:2)', 'http://h:8080/x.js', 1, 'f'],
  ['f (webpack-internal:///./src/x.ts:7:8)', 'webpack-internal:///./src/x.ts', 7, 'f'],
  ['f (/app/x.js:7)', '/app/x.js', 7, 'f'],
  ['f (file:///bad%zz.js:7:1)', '/bad%zz.js', 7, 'f'],
  ['add (wasm://wasm/9b:wasm-function[2]:0x1e)', 'wasm://wasm/9b', undefined, 'add'],
  ['f (a.js:1:2', 'f (a.js', 1, 'anonymous'],
  ['f) (a.js:1:2)', 'a.js', 1, 'f)'],
  ['f (a.js:1:2))', 'a.js:1:2)', undefined, 'f'],
];

test.for(FRAMES)('V8 frame: %s', ([line, path, number, label]) => {
  const [parsed] = parseV8Stack(`Error: x\n    at ${line}`, 'Error', 'x');
  const { path: foundPath, line: foundLine, label: foundLabel } = parsed?.stack[0] ?? {};
  expect([foundPath, foundLine, foundLabel]).toEqual([path, number, label]);
});

test('a message that looks like frames is not parsed as frames', () => {
  const message = 'one\n    at fake (/no.js:1:2)\nthree';
  const [parsed] = parseV8Stack(`Error: ${message}\n    at real (/a.js:1:2)`, 'Error', message);
  expect(parsed?.stack.map(({ label }) => label)).toEqual(['real']);
});

test('a source excerpt before the header is skipped, but not a frame that contains the message', () => {
  const excerpt = 'broken.js:1\nlet a = ;\n        ^\n\nSyntaxError: bad\n    at s (/a.js:1:2)';
  expect(parseV8Stack(excerpt, 'SyntaxError', 'bad')[0]?.stack).toHaveLength(1);
  const late = 'Error\n    at bad (/a.js:1:2)\n    at b (/b.js:1:2)';
  expect(parseV8Stack(late, 'Error', 'bad')[0]?.stack).toHaveLength(2);
});

test('causes are parsed, and omitted frames are counted', () => {
  const text = [
    'Error: top',
    '    at a (/a.js:1:2)',
    '    ... 4 lines matching cause stack trace ...',
    '    at b (/b.js:1:2) {',
    '  [cause]: TypeError: middle {',
    '    at c (/c.js:1:2) {',
    '    [cause]: last',
    '        at d (/d.js:1:2)',
    '  ... 2 more',
    '  [errors]: [',
    '    Error: not read',
    '        at e (/e.js:1:2)',
  ].join('\r\n');
  const chain = parseV8Stack(text, 'Error', 'top');
  const short = chain.map(({ type, message, truncated, stack }) => [
    type,
    message,
    truncated,
    stack.map(({ label }) => label).join(''),
  ]);
  expect(short).toEqual([
    [undefined, undefined, 4, 'ab'],
    ['TypeError', 'middle', 0, 'c'],
    ['last', undefined, 2, 'd'],
  ]);
});

const OWN = [
  'of (/app/node_modules/otel-xray/dist/core-Ab_1.cjs:1:2)',
  'of (C:\\app\\node_modules\\otel-xray\\dist\\i\\express.cjs:1:2)',
  'of (file:///home/me/otel-xray/dist/iitm/hook.mjs:1:2)',
  'of (/app/.yarn/cache/otel-xray-npm-0.1.0.zip/node_modules/otel-xray/dist/index.cjs:1:2)',
];
const RUN = 'AsyncLocalStorage.run (node:internal/async_local_storage/async_context_frame:63:14)';

test.for([
  {
    about: 'each form of path',
    frames: ['a (/a.js:1:2)', ...OWN, 'b (/b.js:1:2)'],
    labels: ['a', 'b'],
  },
  {
    about: 'what runs code in a context',
    frames: ['a (/a.js:1:2)', RUN, ...OWN, RUN, 'b (/b.js:1:2)'],
    labels: ['a', 'AsyncLocalStorage.run', 'b'],
  },
  { about: 'not if there are no others', frames: OWN, labels: ['of', 'of', 'of', 'of'] },
  {
    about: 'not other files',
    frames: [
      'a (/app/node_modules/otel-xray-tools/dist/index.cjs:1:2)',
      'b (/app/otel-xray/dist/notes.txt:1:2)',
      'c (/app/otel-xray/src/index.ts:1:2)',
      ...OWN,
    ],
    labels: ['a', 'b', 'c'],
  },
])('frames of otel-xray are removed: $about', ({ frames, labels }) => {
  const lines = frames.map((frame) => `\n    at ${frame}`).join('');
  const chain = parseV8Stack(`Error: x${lines}\nCaused by: Error: y${lines}`, 'Error', 'x');
  expect(chain.map(({ stack }) => stack.map(({ label }) => label))).toEqual([labels, labels]);
  expect(chain.map(({ truncated }) => truncated)).toEqual([0, 0]);
});

test('up to 50 frames, 500 lines and 64 KiB are parsed; omitted frames are counted', () => {
  const frames = (count: number): string => '    at f (/a.js:1:2)\n'.repeat(count);
  const [many] = parseV8Stack(`Error: x\n${frames(60)}`, 'Error', 'x');
  expect([many?.stack.length, many?.truncated]).toEqual([50, 10]);
  const [more] = parseV8Stack(`Error: x\n${frames(2_000)}`, 'Error', 'x');
  expect((more?.stack.length ?? 0) + (more?.truncated ?? 0)).toBe(499);
});

test.for([
  { about: 'parentheses', line: `    at ${'f ('.repeat(20_000)}` },
  { about: 'closed parentheses', line: `    at ${'f ('.repeat(9_000)}${')'.repeat(9_000)}` },
  { about: 'evals', line: `    at f (${'eval at g ('.repeat(6_000)}` },
  { about: 'colons and digits', line: `    at f (${':1'.repeat(30_000)})` },
  { about: 'spaces', line: `    at ${' '.repeat(60_000)}x` },
])('a hostile line of $about is parsed in linear time, as at most one frame', ({ line }) => {
  const [parsed] = parseV8Stack(`Error: x\n${line}`, 'Error', 'x');
  expect(parsed?.stack.length).toBeLessThanOrEqual(1);
});

const FOREIGN = [
  {
    language: 'java',
    rule: 'frames with and without file and line, module prefix dropped, a cause over two lines',
    text: [
      'java.lang.IllegalStateException: state is not legal',
      '\tat java.base/java.util.List.get(List.java:12)',
      '\tat app//com.x.Y.run(Native Method)',
      '\tSuppressed: java.io.IOException: no',
      '\t... 3 more',
      'Caused by: java.lang.IllegalArgumentException: bad',
      'argument',
      '\tat com.x.Z.<init>(Z.java:7)',
      'Caused by: com.x.Silent:',
    ],
    chain: [
      [undefined, undefined, 'List.java 12 java.util.List.get', 'Native Method 0 com.x.Y.run'],
      ['java.lang.IllegalArgumentException', 'badargument', 'Z.java 7 com.x.Z.<init>'],
      ['com.x.Silent', undefined],
    ],
  },
  {
    language: 'python',
    rule: 'innermost frame first, the latest exception first, both separators',
    text: [
      'Traceback (most recent call last):',
      '  File "/a.py", line 1, in f',
      '    x()',
      'KeyError: key',
      '',
      'The above exception was the direct cause of the following exception:',
      '',
      'Traceback (most recent call last):',
      '  File "/b.py", line 2, in g',
      '    f()',
      '  File x, line 3, in h',
      '    g()',
      'ValueError: bad',
    ],
    chain: [
      [undefined, undefined, 'x 3 h', '/b.py 2 g'],
      ['KeyError', 'key', '/a.py 1 f'],
    ],
  },
  {
    language: 'dotnet',
    rule: 'with and without a location, and without a line number',
    text: [
      'System.Exception: bad',
      '   at A.B(String x) in /src/A.cs:line 5',
      '   at A.C(String x) in /src/A.cs:line',
      '   at A.D()',
    ],
    chain: [
      [
        undefined,
        undefined,
        '/src/A.cs 5 A.B(String x)',
        '/src/A.cs:line 0 A.C(String x)',
        ' 0 A.D()',
      ],
    ],
  },
  {
    language: 'go',
    rule: 'pairs of lines; a function without a location does not get the previous one',
    text: [
      'goroutine 1 [running]:',
      'main.f(0x1)',
      '\t/src/main.go:7 +0x1d',
      'main.g()',
      'main.h()',
      '\t/src/h.go:9',
    ],
    chain: [
      [undefined, undefined, '/src/main.go 7 main.f(0x1)', ' 0 main.g()', '/src/h.go 9 main.h()'],
    ],
  },
];

test.for(FOREIGN)('$language: $rule', ({ language, text, chain }) => {
  const parsed = parseForeignStack(language, text.join('\n'), '', '') ?? [];
  expect(
    parsed.map(({ type, message, stack }) => [
      type,
      message,
      ...stack.map(({ path = '', line, label }) => `${path} ${line} ${label}`),
    ]),
  ).toEqual(chain);
});

test('PHP stack traces are parsed like Java ones', () => {
  const text = 'E: m\n\tat com/a/b.f(B.java:7)\nCaused by: T: why';
  const parsed = parseForeignStack('php', text, '', '');
  expect(parsed).toHaveLength(2);
  expect(parsed).toEqual(parseForeignStack('java', text, '', ''));
});

test('a language without a parser has no result', () => {
  expect(parseForeignStack('toString', 'E: m', '', '')).toBeUndefined();
});
