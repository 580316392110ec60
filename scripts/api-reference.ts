/** Writes docs/api-reference.md from the declarations in `dist/types`; build before. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { publicDeclarations } from './api/declarations.ts';
import { type Entry, referencePage } from './api/page.ts';

const root = join(import.meta.dirname, '..');

/** The entries of the package that have names. */
const ENTRIES = [
  {
    name: 'otel-xray',
    file: 'index',
    about:
      'The code API, and the parts for a provider of your own. `otel-xray/register` has no names: it starts everything by `node --import otel-xray/register app.js`.',
  },
  {
    name: 'otel-xray/lambda',
    file: 'lambda',
    about: 'For handlers of AWS Lambda that cannot be seen loading, such as bundled ones.',
  },
] as const;

/** The entries with their declarations. */
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
