import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Running, start } from './run.ts';

/** Host names under the control of a test, for the programs that it starts. */
export interface HostNames extends Disposable {
  /** Gives this name the address and removes all other names. */
  set(name: string, address: string): void;
  /** Starts Node with these host names. */
  start(args: readonly string[], env: Readonly<Record<string, string>>): Running;
}

const MOUNTED = 'mount --bind "$0" /etc/hosts && exec "$@"';

/**
 * Provides host names from a file.
 *
 * On Linux, the file is mounted over `/etc/hosts` in a mount namespace of the started program, so that
 * the system's resolver is used. If namespaces are not permitted, as in some containers, a replacement
 * for Node's lookup reads the same file.
 */
export function hostNames(): HostNames {
  const folder = mkdtempSync(join(tmpdir(), 'otel-xray-names-'));
  const file = join(folder, 'hosts');
  writeFileSync(file, '');
  const mounts = spawnSync('unshare', ['-rm', 'sh', '-c', MOUNTED, file, 'true']).status === 0;
  return {
    // Written in place: a bind mount refers to the file, not to its name.
    set: (name, address) => writeFileSync(file, `${address} ${name}\n`),
    start(args, env) {
      if (mounts) {
        const around = ['-rm', 'sh', '-c', MOUNTED, file, process.execPath, ...args];
        return start(around, { program: 'unshare', env });
      }
      const replaced = resolve(import.meta.dirname, 'names-from-file.ts');
      return start(['--import', replaced, ...args], { env: { ...env, NAMES_FILE: file } });
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Returns the address of a name in such a file. */
export function addressIn(file: string, name: string): string | undefined {
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.find((line) => line.endsWith(` ${name}`))?.split(' ')[0];
}
