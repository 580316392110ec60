/** Builds `dist`: the bundle and the type declarations. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundle } from './build/bundle.ts';
import { removeUnusedDeclarations } from './build/declarations.ts';
import { compileEagerly } from './build/eager-functions.ts';
import { bundledPackages, licenceText, sbom } from './build/licences.ts';
import { buildPage } from './build/page.ts';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist, { recursive: true });
const modules = [...(await bundle()), ...(await buildPage())];
compileEagerly(dist);
const { name, version, exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const packages = bundledPackages(modules);
writeFileSync(join(dist, 'THIRD_PARTY_LICENSES'), licenceText(packages));
const bill = JSON.stringify(sbom(packages, { name, version }), null, 2);
writeFileSync(join(dist, 'sbom.cdx.json'), `${bill}\n`);
const types = spawnSync('tsc', ['-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' });
if (types.status !== 0) process.exit(types.status ?? 1);
const entries = Object.values<{ readonly types?: string }>(exports).flatMap((entry) =>
  entry.types === undefined ? [] : join(root, entry.types),
);
removeUnusedDeclarations(join(dist, 'types'), entries);
// The declarations describe CommonJS files. Written last, because its time marks a complete build.
writeFileSync(join(dist, 'types/package.json'), '{ "type": "commonjs" }\n');
