import { writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { OWN_API } from './own-api.ts';
import { PEER_VERSION } from './peer-version.ts';

/** Put in by the build: the file that has `start`. */
declare const __START__: string | undefined;
/** Defined by the build: the symbol under which the other files look for the API. */
declare const __OWN_API__: string | undefined;

/**
 * The entry point for `node --import otel-xray/register app.js`: starts tracing from the environment.
 *
 * Loading it again, in any form, does nothing. It uses `require` instead of `import`, so that the
 * app still runs if a file or the peer dependency is missing.
 */
const START = typeof __START__ === 'string' ? __START__ : './start.ts';
const PEER = '@opentelemetry/api';
const PEER_FILE = /[\\/]@opentelemetry[\\/]api[\\/]/;
const require = createRequire(import.meta.url);

try {
  if (typeof __OWN_API__ === 'string') lendApi(Symbol.for(__OWN_API__));
  const { start } = require(START) as typeof import('./start.ts');
  start();
} catch (error) {
  say(`warn otel-xray: the app runs untraced: ${reason(error)}\n`);
}

/**
 * Makes the copy of the API that is bundled into this file available to the rest of this package,
 * which saves a third of the start time. If the app's copy is loaded already, that one is used:
 * tracers obtained from it before the start would otherwise never record.
 */
function lendApi(key: symbol): void {
  const isLoaded = (): boolean => Object.keys(require.cache).some((file) => PEER_FILE.test(file));
  if (PEER_VERSION === undefined || key in globalThis || isLoaded()) return;
  Object.defineProperty(globalThis, key, { value: OWN_API });
}

/** Without the module for output, which every start would load for this one line. */
function say(line: string): void {
  try {
    writeSync(2, line);
  } catch {
    // The reader is gone, or slow; there is no other place to report it.
  }
}

/** What Node.js adds to an error of the permission model, and of a file. */
interface StartError extends NodeJS.ErrnoException {
  readonly permission?: string;
  readonly resource?: string;
}

/** Explains the three errors that a user can fix; other errors keep their stack. */
function reason(error: unknown): string {
  const { code, message = '', stack, permission, resource } = error as StartError;
  if (code === 'ERR_ACCESS_DENIED') {
    return `the permission model of Node.js denies ${permission} of ${resource}; allow this and the folder of ${PEER} with --allow-fs-read`;
  }
  if (code !== 'MODULE_NOT_FOUND') return stack ?? String(error);
  if (message.includes(PEER)) return `${PEER} is not installed; run: npm install ${PEER}`;
  return (
    'this code was bundled into it. Build with the plugin for your bundler, such as otel-xray/esbuild, or leave ' +
    'otel-xray out of the bundle (external), install it, and start the app with: node --import otel-xray/register'
  );
}
