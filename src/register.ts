import { createRequire } from 'node:module';
import * as api from '@opentelemetry/api';
import { writeToStderr } from './output.ts';
import { PEER_VERSION } from './peer-version.ts';

/** Put in by the build: the file that has `start`. */
declare const __START__: string | undefined;
/** Put in by the build: name of the symbol under which the rest looks for the API. */
declare const __OWN_API__: string | undefined;

/**
 * The entry for `node --import otel-xray/register app.js`: starts from the environment.
 *
 * Its only side effect; a second load, in whatever form, does nothing. Loaded from here, and not
 * imported, so that a missing peer, or file, is said and the app still runs.
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
  writeToStderr(`warn otel-xray: the app runs untraced: ${reason(error)}\n`);
}

/**
 * Lends our own copy of the API, which the build compiles into this file, to the rest of this
 * package; that saves a third of the start. Not when the app's copy is loaded already: tracers that
 * were asked for there before the start would never come to life in another.
 */
function lendApi(key: symbol): void {
  const isLoaded = (): boolean => Object.keys(require.cache).some((file) => PEER_FILE.test(file));
  if (PEER_VERSION === undefined || key in globalThis || isLoaded()) return;
  Object.defineProperty(globalThis, key, { value: api });
}

/** The two that a user can do something about in words, others as they are. */
function reason(error: unknown): string {
  const { code, message = '', stack } = error as NodeJS.ErrnoException;
  if (code !== 'MODULE_NOT_FOUND') return stack ?? String(error);
  if (message.includes(PEER)) return `${PEER} is not installed; run: npm install ${PEER}`;
  return (
    'this code was bundled into it. Leave otel-xray out of the bundle (external), install it, and ' +
    'start the app with: node --import otel-xray/register'
  );
}
