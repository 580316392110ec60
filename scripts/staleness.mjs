// What is newer than what, so that nothing is installed or built twice.
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/**
 * Time of the latest change to any of these files and folders, in milliseconds; 0 when none is there.
 *
 * @param {...string} names paths below the root of the repository
 * @returns {number}
 */
export function newest(...names) {
  return Math.max(...names.map((name) => changed(join(root, name))));
}

/** Whether `dist` is missing or older than what it is built from. */
export function isBuildStale() {
  return newest('src', 'scripts', 'package.json') > newest('dist/types/package.json');
}

function changed(path) {
  if (!existsSync(path)) return 0;
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((name) => changed(join(path, name))));
}
