import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'rolldown';
import { expect, test } from 'vitest';
import { attributeValues } from '../../scripts/build/attribute-values.ts';
import { changed } from '../../scripts/build/changed.ts';
import { guardedListeners } from '../../scripts/build/guard-listeners.ts';
import { lazyPaths } from '../../scripts/build/lazy-paths.ts';
import { ownApi } from '../../scripts/build/own-api.ts';
import { graphqlData } from '../../scripts/build/patch-graphql.ts';
import { patchHttp } from '../../scripts/build/patch-http.ts';
import { copiedNamespaces } from '../../scripts/build/patch-runtime.ts';
import { plainExports } from '../../scripts/build/plain-exports.ts';
import { realTime } from '../../scripts/build/real-time.ts';
import { inlineSemanticConventions } from '../../scripts/build/semantic-conventions.ts';
import { spanStart } from '../../scripts/build/span-start.ts';
import { compiledUnplugin } from '../../scripts/build/unplugin.ts';
import { root } from '../../scripts/staleness.mjs';

const folder = join(root, 'scripts/build');

/** What a patch must gain to be worth its code. */
const LEAST: Readonly<Record<string, number>> = {
  'ms of a start': 1,
  'µs of a request': 0.5,
};

/** Files that change code of other packages, or code that the bundler has made. */
const PATCHES = readdirSync(folder)
  .filter((file) => file.endsWith('.ts'))
  .map((file) => ({ file, text: readFileSync(join(folder, file), 'utf8') }))
  .filter(({ file, text }) => text.includes('): Plugin {') && file !== 'bundle.ts');

test.for(PATCHES)('$file says what each of its patches gains or corrects', ({ text }) => {
  const reasons = text.match(/^ \* (?:Gain|Correctness): .*$/gm) ?? [];
  expect(reasons).not.toEqual([]);
  const gains = reasons.filter((line) => line.startsWith(' * Gain'));
  const parsed = gains.map((line) => {
    const [, figure, of = ''] =
      /^ \* Gain: ([\d.]+) (ms of a start|µs of a request)\b/.exec(line) ?? [];
    return { line, isEnough: Number(figure) >= (LEAST[of] ?? Number.POSITIVE_INFINITY) };
  });
  expect(parsed.filter(({ isEnough }) => !isEnough)).toEqual([]);
});

const PLUGINS: readonly (readonly [what: string, plugin: Plugin])[] = [
  ['the attributes of the SDK', attributeValues(root)],
  ['the spans of the SDK', spanStart(root)],
  ['the clocks of the SDK', realTime(root)],
  ['the contexts of the API', ownApi(root)],
  ['the http instrumentation', patchHttp(root)],
  ['the graphql instrumentation', graphqlData(root)],
  ['listeners of instrumentations', guardedListeners(root)],
  ['the semantic conventions', inlineSemanticConventions()],
  ['the helper functions of the bundler', copiedNamespaces()],
  ...compiledUnplugin().map((plugin) => ['a text of unplugin', plugin] as const),
];

test.for(PLUGINS)('the build fails without %s', ([, plugin]) => {
  expect(() => (plugin.buildEnd as () => void).call({})).toThrow();
});

test.for([
  ['getters of exports', plainExports()],
  ['lazy modules', lazyPaths()],
] as const)('the build fails without %s', ([, plugin]) => {
  const generate = plugin.generateBundle as unknown as (options: object, files: object) => void;
  expect(() => generate({}, {})).toThrow();
});

test('the build fails if a text that is replaced has changed', () => {
  expect(changed('a b', 'file.js', [['b', 'c']])).toBe('a c');
  expect(() => changed('a b', 'file.js', [['d', 'c']])).toThrow('file.js no longer contains: d');
});

const HTTP = join(root, 'node_modules/@opentelemetry/instrumentation-http/build/src/http.js');

test.for([
  ['headers', 'Object.assign({}, optionsParsed.headers)'],
  ['context', 'return api_1.context.with((0, core_1.setRPCMetadata)'],
  ['open spans', 'new WeakSet()'],
] as const)('the build fails if the http instrumentation has other code for %s', ([, text]) => {
  const transform = patchHttp(root).transform as unknown as (code: string, id: string) => object;
  const code = readFileSync(HTTP, 'utf8');
  expect(transform(code, HTTP)).toHaveProperty('code');
  expect(() => transform(code.replace(text, 'other()'), HTTP)).toThrow('no longer contains');
});

test('constants of the semantic conventions are plain keys, and elements that are read stay as they are', () => {
  const transform = inlineSemanticConventions().transform as unknown as (
    code: string,
    id: string,
  ) => { readonly code: string };
  const code = `const sc = require("@opentelemetry/semantic-conventions");
const one = { [sc.ATTR_URL_PATH]: path, [sc.ATTR_URL_SCHEME]: isTls ? known[sc.ATTR_URL_SCHEME] : scheme };
const other = {
    [sc.ATTR_URL_PATH]: path,
    // The port.
    [sc.ATTR_SERVER_PORT]: port,
};`;
  expect(transform(code, 'file.js').code.split('\n').slice(1)).toEqual([
    'const one = { "url.path": path, "url.scheme": isTls ? known["url.scheme"] : scheme };',
    'const other = {',
    '    "url.path": path,',
    '    // The port.',
    '    "server.port": port,',
    '};',
  ]);
});
