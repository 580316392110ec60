import { execFile } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

const run = promisify(execFile);
const ROOT = resolve(import.meta.dirname, '../..');
const TSC = join(ROOT, 'node_modules/typescript/bin/tsc');

let out = '';
beforeAll(async () => {
  out = await mkdtemp(join(tmpdir(), 'otel-xray-'));
  await symlink(join(ROOT, 'node_modules'), join(out, 'node_modules'));
});
afterAll(() => rm(out, { recursive: true, force: true }));

/** Compiles a fixture with the project's own strict settings and these on top. */
async function compiled(fixture: string, name: string, options: object): Promise<string> {
  const folder = join(out, name);
  const project = join(out, `${name}.json`);
  await writeFile(
    project,
    JSON.stringify({
      extends: join(ROOT, 'tsconfig.json'),
      compilerOptions: {
        rootDir: ROOT,
        outDir: folder,
        declaration: false,
        isolatedDeclarations: false,
        noEmit: false,
        typeRoots: [join(ROOT, 'node_modules/@types')],
        ...options,
      },
      include: [],
      files: [join(ROOT, fixture)],
    }),
  );
  await run(process.execPath, [TSC, '-p', project], { cwd: ROOT });
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  return join(folder, fixture.replace(/\.(m?)ts$/, '.$1js'));
}

const EXPECTED = {
  results: ['order 1', 'order 2', ['order 3'], 'Orders', 3, 'Error: broken', 'later', 1],
  tree: [
    'root > fail',
    'root > load',
    'load later > load',
    'root > load later',
    'walk > load',
    'root > walk',
    'root > count',
    'root > wrapped',
    '- > root',
  ],
};

test.for([
  { rule: 'the standard decorators of TypeScript 7', options: {} },
  { rule: 'the older experimentalDecorators', options: { experimentalDecorators: true } },
])('the captured decorator traces methods compiled with $rule', async ({ rule, options }) => {
  const name = rule.replaceAll(/\W/g, '-');
  const file = await compiled('test/api/fixtures/decorated.mts', name, options);
  const { stdout } = await run(process.execPath, [file]);
  expect(JSON.parse(stdout)).toEqual(EXPECTED);
});

test('the decorator supports private methods and methods named by a symbol', async () => {
  const file = await compiled('test/api/fixtures/private.mts', 'private', {});
  const { stdout } = await run(process.execPath, [file]);
  expect(JSON.parse(stdout)).toEqual({ result: 'open', names: ['#open', 'by symbol', 'root'] });
});
