import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { root } from '../../scripts/staleness.mjs';

/** The package as published; created by the global setup. */
export const TARBALL: string = join(root, '.cache/otel-xray.tgz');

/** A folder outside the repository, like that of a user. */
export interface App {
  readonly folder: string;
  /** Path of the Node installed in it, or of the one that runs the tests. */
  readonly node: string;
  file(name: string, text: string): string;
  /** Moves a file or folder inside it. */
  move(from: string, to: string): void;
  remove(): void;
}

const exec = promisify(execFile);

/**
 * Installs the tarball and other packages in an empty folder.
 *
 * @param packages npm specifiers, e.g. `express@5.1.0`; `node@20.19.6` also sets `node`
 */
export function installApp(...packages: readonly string[]): Promise<App> {
  return installAppWith({}, ...packages);
}

/** @param manifest added to its `package.json` */
export async function installAppWith(
  manifest: object,
  ...packages: readonly string[]
): Promise<App> {
  const folder = mkdtempSync(join(tmpdir(), 'otel-xray-app-'));
  const file = (name: string, text: string): string => {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return path;
  };
  file(
    'package.json',
    JSON.stringify({ private: true, allowScripts: { node: true }, ...manifest }),
  );
  await exec(
    'npm',
    ['install', '--no-audit', '--no-fund', '--prefer-offline', TARBALL, ...packages],
    {
      cwd: folder,
    },
  );
  const ownNode = packages.some((name) => name.startsWith('node@'));
  return {
    folder,
    node: ownNode ? join(folder, 'node_modules/node/bin/node') : process.execPath,
    file,
    move(from, to) {
      mkdirSync(dirname(join(folder, to)), { recursive: true });
      renameSync(join(folder, from), join(folder, to));
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
