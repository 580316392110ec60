// Installs and builds what is missing, then runs an npm script: a fresh clone needs one command. Plain
// JavaScript, because it runs on the Node version of the machine (20 or later).
import { spawnSync } from 'node:child_process';
import { isBuildStale, newest, root } from './staleness.mjs';

const [script, ...args] = process.argv.slice(2);

// Some dependencies ask for a newer Node than that of the machine; they run with the one that npm installs.
if (newest('package-lock.json') > newest('node_modules/.package-lock.json')) {
  npm('ci', '--loglevel=error');
}
if (isBuildStale()) npm('run', 'build');
npm('run', '--silent', script, '--', ...args);

/** Runs npm in the repository; exits with its exit code if it fails. */
function npm(...command) {
  const run = spawnSync('npm', command, { cwd: root, stdio: 'inherit' });
  if (run.status !== 0) process.exit(run.status ?? 1);
}
