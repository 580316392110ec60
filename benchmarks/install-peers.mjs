// Installs the peers, each in its own folder: together they are 230 MB.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('./peers/', import.meta.url));
for (const peer of readdirSync(folder)) {
  const args = ['install', '--no-package-lock', '--no-audit', '--no-fund'];
  const { status } = spawnSync('npm', args, { cwd: `${folder}${peer}`, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
