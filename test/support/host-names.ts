import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Running, start } from './run.ts';

/** Where host names are what a test says, for the programs it starts. */
export interface HostNames extends Disposable {
  /** From now on, the name has this address and no other name has one. */
  set(name: string, address: string): void;
  /** Starts Node where these names are known. */
  start(args: readonly string[], env: Readonly<Record<string, string>>): Running;
}

const MOUNTED = 'mount --bind "$0" /etc/hosts && exec "$@"';

/**
 * Names in a file of their own.
 *
 * On Linux it lies over `/etc/hosts`, in a mount namespace that only the program has and that is
 * gone with it: everything from the system's look-up on is real. Where namespaces are forbidden, as
 * in some containers, the look-up of Node is replaced by one that reads the same file.
 */
export function hostNames(): HostNames {
  const folder = mkdtempSync(join(tmpdir(), 'otel-xray-names-'));
  const file = join(folder, 'hosts');
  writeFileSync(file, '');
  const mounts = spawnSync('unshare', ['-rm', 'sh', '-c', MOUNTED, file, 'true']).status === 0;
  return {
    // In place: a mount shows the file that was there, not one of the same name.
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

/** The address that such a file gives a name. */
export function addressIn(file: string, name: string): string | undefined {
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.find((line) => line.endsWith(` ${name}`))?.split(' ')[0];
}
