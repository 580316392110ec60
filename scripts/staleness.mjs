// Compares file times, so that nothing is installed or built twice.
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/**
 * Returns the time of the latest change to these files and folders in milliseconds; 0 if none exists.
 *
 * @param {...string} names paths relative to the root of the repository
 * @returns {number}
 */
export function newest(...names) {
  return Math.max(...names.map((name) => changed(join(root, name))));
}

/** Returns whether `dist` is missing or older than its sources. */
export function isBuildStale() {
  return newest('src', 'scripts', 'package.json') > newest('dist/types/package.json');
}

function changed(path) {
  if (!existsSync(path)) return 0;
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((name) => changed(join(path, name))));
}
