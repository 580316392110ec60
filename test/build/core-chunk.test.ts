import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../../scripts/staleness.mjs';
import { run } from '../support/run.ts';

const REGISTER = join(root, 'dist/register.cjs');

/** The chunks that every app loads at its start. */
const first = readdirSync(join(root, 'dist')).filter((file) =>
  /^(?:core|sdk)-[\w-]+\.cjs$/.test(file),
);
const codes = first.map((file) => readFileSync(join(root, 'dist', file), 'utf8'));

test('no file names a folder of the machine that built it', () => {
  const files = readdirSync(join(root, 'dist'), { recursive: true, encoding: 'utf8' });
  const code = files.filter((file) => file.endsWith('js'));
  expect(code).toContain('register.cjs');
  const named = code.filter((file) =>
    readFileSync(join(root, 'dist', file), 'utf8').includes(root),
  );
  expect(named).toEqual([]);
});

test('the chunks that every app loads are two, and each is too large for V8 to copy its source', () => {
  expect(first.map((file) => file.replace(/-.*/, ''))).toEqual(['core', 'sdk']);
  for (const code of codes) expect(code.length).toBeGreaterThan(128 * 1024);
});

test('the chunks that every app loads have no parts of the SDK that few apps need', () => {
  const code = codes.join('\n');
  const classes = [...code.matchAll(/\b(\w+) = class\b|\bclass (\w+)/g)].map(
    ([, assigned, declared]) => assigned ?? declared,
  );
  expect(classes).toContain('TracerProvider');
  const rare =
    /^(?:BatchSpanProcessor|ConsoleSpanExporter|SpanProcessorMetrics|AsyncHooksContextManager)/;
  expect(classes.filter((name) => rare.test(name ?? ''))).toEqual([]);
  expect(code).not.toContain('@opentelemetry/instrumentation-pg": "');
  // Regular expressions of semantic versioning.
  expect(code).not.toContain('HYPHENRANGE');
});

test('of modules of Node.js, what every app loads copies the names of path only', () => {
  const copied = [...first, 'register.cjs'].map((file) =>
    [...readFileSync(join(root, 'dist', file), 'utf8').matchAll(/__toESM\((\w+)\)/g)].map(
      ([, name]) => name,
    ),
  );
  // A copy of `fs` took 4 million instructions. `@opentelemetry/instrumentation` imports all of `path`, 6 KB.
  expect(copied.flat()).toEqual(['path']);
});

test.each(codes)(
  'a chunk that every app loads exports one literal without getters, which V8 reads fast',
  (code) => {
    const [, literal = ''] = code.split(/^module\.exports = \{\n/m);
    expect(literal).toMatch(/^(?:\t\w[\w$]*(?:: [\w$]+)?,\n){100,}\};\n$/);
  },
);

test('a Lambda function loads the exporter after its handler, and neither sampling rules nor what other spans need', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'otel-xray-chunks-'));
  const loaded =
    "Object.keys(require.cache).filter((file) => file.includes('/dist/')).map((file) => file.replace(/^.*dist.|-.*$/g, ''))";
  writeFileSync(
    join(folder, 'index.cjs'),
    `exports.handler = async () => console.log(JSON.stringify(${loaded}));`,
  );
  writeFileSync(
    join(folder, 'runtime.cjs'),
    `process.env._X_AMZN_TRACE_ID = 'Root=1-67891233-abcdef012345678912345678;Parent=53995c3f42cd8ad8;Sampled=1';
require('./index.cjs').handler({}, { awsRequestId: '1' }).then(() => console.log(JSON.stringify(${loaded})));`,
  );
  const { stdout } = await run(['--import', REGISTER, join(folder, 'runtime.cjs')], {
    env: {
      AWS_LAMBDA_FUNCTION_NAME: 'f',
      LAMBDA_TASK_ROOT: folder,
      _HANDLER: 'index.handler',
      AWS_XRAY_DAEMON_ADDRESS: '127.0.0.1:9',
    },
  });
  rmSync(folder, { recursive: true });
  const early = [
    'register.cjs',
    'core',
    'rolldown',
    'sdk',
    'lazy/lambda.cjs',
    'lambda',
    'propagation',
  ];
  const [entered, answered] = stdout.trim().split('\n');
  expect(JSON.parse(entered as string)).toEqual(early);
  expect(JSON.parse(answered as string)).toEqual([...early, 'lazy/xray', 'export']);
});

test('the exporter of an app loads what spans need with it', () => {
  const [file] = readdirSync(join(root, 'dist')).filter((name) => name.startsWith('export-'));
  const code = readFileSync(join(root, 'dist', file as string), 'utf8');
  expect(code).toMatch(/if \(!inLambda\) \{[^}]*\brequire_spans\.loaded\.loadSpans\(\)/);
});
