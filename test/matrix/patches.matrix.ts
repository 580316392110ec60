import { afterAll, beforeAll, expect, test } from 'vitest';
import { installedNode, NODES } from '../support/nodes.ts';
import { type App, installApp } from '../support/packed.ts';
import { run } from '../support/run.ts';
import {
  BUNDLED_APP,
  BUNDLER,
  loaderText,
  PATCHED_PACKAGES,
  REAL_PACKAGES,
  REAL_SET_UP,
} from './patch-apps.ts';

const FORMS = ['cjs', 'mjs'] as const;

let app: App;

beforeAll(async () => {
  app = await installApp('esbuild@0.28.2', ...REAL_PACKAGES, ...PATCHED_PACKAGES);
  app.file('real.cjs', REAL_SET_UP);
  for (const form of FORMS) app.file(`load.${form}`, loaderText(form));
});
afterAll(() => app.remove());

/** Returns what was patched: instrumentation, package and file, without duplicates. */
async function patches(node: string, args: readonly string[]): Promise<readonly string[]> {
  const env = { OTEL_LOG_LEVEL: 'debug', OTEL_TRACES_EXPORTER: 'none' };
  const end = await run(args, { cwd: app.folder, program: await installedNode(node), env });
  expect(end.code).toBe(0);
  const lines = end.stderr.matchAll(
    /^debug (@\S+) Applying instrumentation patch for nodejs? ?(?:module|core module).*? (\{.*\})$/gm,
  );
  const found = [...lines].map(([, name, json]) => {
    const { module, fileName = '' } = JSON.parse(json as string) as Record<string, string>;
    return `${name} ${module} ${fileName}`.trim();
  });
  return [...new Set(found)].sort();
}

/** The oldest and the newest Node: packages are the same, loaders differ. */
const CASES = [NODES[0] as string, NODES.at(-1) as string].flatMap((node) =>
  FORMS.map((form) => ({ node, form })),
);

test.for(CASES)(
  'Node $node, $form: patches at least what the original hooks patch',
  async ({ node, form }) => {
    const real = await patches(node, ['--require', './real.cjs', `load.${form}`]);
    const ours = await patches(node, ['--import', 'otel-xray/register', `load.${form}`]);
    expect(real.length).toBeGreaterThan(PATCHED_PACKAGES.length / 2);
    const missing = real.filter((patch) => !ours.includes(patch));
    // Instrumentations that are off by default (`docs/instrumentations.md`).
    expect(
      missing.filter((patch) => !/instrumentation-(?:dns|net|fs|router) /.test(patch)),
    ).toEqual([]);
  },
);

test('a bundle patches at least what is patched without one', async () => {
  const node = NODES.at(-1) as string;
  app.file('bundled.mjs', BUNDLED_APP);
  app.file('bundle.mjs', BUNDLER);
  expect(await run(['bundle.mjs'], { cwd: app.folder })).toMatchObject({ code: 0, stderr: '' });
  const plain = await patches(node, ['--import', 'otel-xray/register', 'bundled.mjs']);
  const bundled = await patches(node, ['--import', 'otel-xray/register', 'bundled.out.mjs']);
  expect(plain.length).toBeGreaterThan(PATCHED_PACKAGES.length);
  expect(plain.filter((patch) => !bundled.includes(patch))).toEqual([]);
});
