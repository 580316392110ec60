import { mkdtempSync, readdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { buildPage } from '../../../scripts/build/page.ts';

const REPOSITORY = resolve(import.meta.dirname, '../../..');
const BUILT = join(REPOSITORY, 'dist/page');

/** Returns a folder with the current page: `dist/page`, or a new build where that is older. */
export async function pageDirectory(): Promise<string> {
  if (newest(BUILT) > newest(join(REPOSITORY, 'src/local'))) return BUILT;
  const directory = mkdtempSync(join(tmpdir(), 'otel-xray-page-'));
  await buildPage(directory);
  return directory;
}

/** Time of the newest file in a folder, epoch milliseconds; 0 without files. */
function newest(folder: string): number {
  try {
    return Math.max(
      0,
      ...readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs),
    );
  } catch {
    return 0;
  }
}
