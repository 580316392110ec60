import { join } from 'node:path';
import { readFileSync } from '../../real-files.ts';

const bundledVersions = new Map<string, string>();

/** Returns what stands for the folder of a package that is part of a bundle. */
export function bundledFolder(packageName: string, version: string): string {
  const folder = `${packageName}@${version} in the bundle`;
  bundledVersions.set(folder, version);
  return folder;
}

/** Returns the version of a package in a bundle; `undefined` for a real folder. */
export function bundledVersion(folder: string): string | undefined {
  return bundledVersions.get(folder);
}

/** Returns the `version` in the package.json of a folder. */
export function versionIn(folder: string): string | undefined {
  const bundled = bundledVersion(folder);
  if (bundled !== undefined) return bundled;
  try {
    return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version;
  } catch {
    return undefined;
  }
}

/** Compares by number; a prerelease (`8.0.0-beta`) counts as its release. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [numbers(a), numbers(b)];
  for (let index = 0; index < 3; index += 1) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function numbers(version: string): readonly number[] {
  return version.split('.', 3).map((part) => Number.parseInt(part, 10) || 0);
}
