import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/**
 * The version of the `@opentelemetry/api` that this package would require; `undefined` when there is
 * none, or not 1.x. The build puts it in place of the version of the compiled-in copy, so that the
 * two count as one.
 *
 * @see docs/spec/packaging.md section 2.3 on how copies of the API find each other
 */
export const PEER_VERSION: string | undefined = peerVersion(import.meta.dirname);

/** Looks where package managers put it, which is 2 ms faster than to ask Node for it. */
function peerVersion(folder: string): string | undefined {
  return (
    versionIn(join(folder, '../node_modules/@opentelemetry/api')) ??
    versionIn(join(folder, '../../@opentelemetry/api')) ??
    versionAsResolved()
  );
}

function versionAsResolved(): string | undefined {
  try {
    const file = createRequire(import.meta.url).resolve('@opentelemetry/api');
    const folder = /.*[\\/]@opentelemetry[\\/]api[\\/]/.exec(file)?.[0];
    return folder === undefined ? undefined : versionIn(dirname(join(folder, 'package.json')));
  } catch {
    return undefined;
  }
}

/** Read as a file: 1.10 does not export its package.json. */
function versionIn(folder: string): string | undefined {
  const file = join(folder, 'package.json');
  try {
    // An error of `readFileSync` with its stack takes ten times longer. Under the permission model, this throws as well.
    if (!existsSync(file)) return undefined;
    const manifest = JSON.parse(readFileSync(file, 'utf8'));
    return String(manifest.version).startsWith('1.') ? manifest.version : undefined;
  } catch {
    return undefined;
  }
}
