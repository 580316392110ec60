// Runs an npm script after installing and building what is missing, so that a fresh clone needs one
// command. Plain JavaScript: it runs on whatever Node >= 20 the machine has.
import { spawnSync } from 'node:child_process';
import { isBuildStale, newest, root } from './staleness.mjs';

const [script, ...args] = process.argv.slice(2);

if (newest('package-lock.json') > newest('node_modules/.package-lock.json')) npm('ci');
if (isBuildStale()) npm('run', 'build');
npm('run', '--silent', script, '--', ...args);

/** Runs npm here; ends with its exit code when it fails. */
function npm(...command) {
  const run = spawnSync('npm', command, { cwd: root, stdio: 'inherit' });
  if (run.status !== 0) process.exit(run.status ?? 1);
}
