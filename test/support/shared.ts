import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

/** Real parts and recorded spans that lie beside the repository. */
const SHARED = resolve(import.meta.dirname, '../../../shared');

export type SharedPart =
  | 'bin/xray-daemon'
  | 'bin/fake-xray.mjs'
  | 'bin/collector-translate'
  | 'corpus'
  | 'spec/environment.md'
  | 'spec/segment.schema.json'
  | 'spec/sampling-cases.json'
  | 'spec/filter-cases.json';

/** The path of a real part; ask {@link hasShared} first. */
export function sharedPath(part: SharedPart | `corpus/${string}`): string {
  return resolve(SHARED, part);
}

/**
 * Whether every named part is there. Prints what is missing, so that a skip says why.
 *
 * @throws {Error} in CI, where no test may be skipped
 */
export function hasShared(...parts: readonly SharedPart[]): boolean {
  const missing = parts.filter((part) => !existsSync(sharedPath(part)));
  if (missing.length === 0) return true;
  const reason = `not beside the repository: ${missing.map((part) => `../shared/${part}`).join(', ')}`;
  if (process.env.CI) throw new Error(`in CI no test may be skipped; ${reason}`);
  process.stdout.write(`skipped: ${reason}\n`);
  return false;
}
