import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root } from '../../scripts/staleness.mjs';

/** Node versions for tests: the lowest supported one, and the newest of each line. */
export const NODES: readonly string[] = ['20.19.6', '22.23.3', '24.21.0', '26.10.0'];

const exec = promisify(execFile);

/** Returns the path of this Node version, which is installed in `.cache` once. */
export async function installedNode(version: string): Promise<string> {
  if (version === process.versions.node) return process.execPath;
  const folder = join(root, '.cache/nodes', version);
  const program = join(folder, 'node_modules/node/bin/node');
  if (existsSync(program)) return program;
  mkdirSync(folder, { recursive: true });
  const manifest = { private: true, allowScripts: { node: true } };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  const args = ['install', '--no-audit', '--no-fund', '--prefer-offline', `node@${version}`];
  await exec('npm', args, { cwd: folder });
  return program;
}
