import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { isBuildStale, newest, root } from '../../scripts/staleness.mjs';
import { TARBALL } from './packed.ts';

/** Builds `dist` and packs the tarball if they are older than the sources. */
export default function setup(): void {
  if (isBuildStale()) npm('run', 'build');
  if (newest('dist') > newest('.cache/otel-xray.tgz')) {
    mkdirSync(join(root, '.cache'), { recursive: true });
    const [made] = JSON.parse(npm('pack', '--json', '--pack-destination', '.cache'));
    renameSync(join(root, '.cache', made.filename), TARBALL);
  }
}

function npm(...args: readonly string[]): string {
  return execFileSync('npm', args, {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}
