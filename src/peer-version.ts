import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { sep } from 'node:path';

const FOLDER = ['', 'node_modules', '@opentelemetry', 'api', ''].join(sep);

/**
 * The version of the `@opentelemetry/api` that this package would require. The build puts it in
 * place of the version of the compiled-in copy, so that the two count as one.
 *
 * @throws {TypeError} when it cannot be told, or is not 1.x
 * @see spec/packaging.md section 2.3 on how copies of the API find each other
 */
export const VERSION: string = versionOf(
  createRequire(import.meta.url).resolve('@opentelemetry/api'),
);

function versionOf(file: string): string {
  const at = file.lastIndexOf(FOLDER);
  // Read as a file: 1.10 does not export its package.json.
  const manifest =
    at < 0 ? '{}' : readFileSync(`${file.slice(0, at)}${FOLDER}package.json`, 'utf8');
  const { version } = JSON.parse(manifest) as { readonly version?: string };
  if (version?.startsWith('1.')) return version;
  throw new TypeError(`${file} is version ${version}; expected 1.x`);
}
