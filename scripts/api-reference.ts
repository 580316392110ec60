/** Writes docs/api-reference.md from the declarations in `dist/types`; run `npm run build` before. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { publicDeclarations } from './api/declarations.ts';
import { type Entry, referencePage } from './api/page.ts';

const root = join(import.meta.dirname, '..');

/** Entry points of the package with exported names. */
const ENTRIES: readonly { readonly name: string; readonly file: string; readonly about: string }[] =
  [
    {
      name: 'otel-xray',
      file: 'index',
      about:
        'Helpers for application code, and the parts for your own provider. `otel-xray/register` exports nothing: it starts tracing with `node --import otel-xray/register app.js`.',
    },
    {
      name: 'otel-xray/lambda',
      file: 'lambda',
      about: 'For AWS Lambda handlers whose load cannot be observed, for example in a bundle.',
    },
    {
      name: 'otel-xray/testing',
      file: 'testing',
      about: 'A local X-Ray and matchers for tests; see docs/local-xray.md.',
    },
    ...['esbuild', 'webpack', 'rspack', 'rollup', 'rolldown', 'vite'].map((file) => ({
      name: `otel-xray/${file}`,
      file,
      about: 'A plugin for bundled applications; see docs/bundling.md.',
    })),
  ];

/** Returns the entry points with their declarations. */
export function entries(): readonly Entry[] {
  return ENTRIES.map(({ name, file, about }) => ({
    name,
    about,
    declarations: publicDeclarations(join(root, `dist/types/${file}.d.ts`)),
  }));
}

if (import.meta.main) {
  writeFileSync(join(root, 'docs/api-reference.md'), referencePage(entries()));
}
