import { createRequire } from 'node:module';

/** Put in by the build. */
declare const __VERSION__: string | undefined;

/**
 * The entry for `node --import otel-xray/register app.js`: starts from the environment.
 *
 * Its only side effect; a second load, in whatever form, does nothing. Loaded from here, and not
 * imported, so that a missing peer, or file, is said and the app still runs.
 */
const START = typeof __VERSION__ === 'string' ? './start.cjs' : './start.ts';
const PEER = '@opentelemetry/api';

try {
  const { start } = createRequire(import.meta.url)(START) as typeof import('./start.ts');
  start();
} catch (error) {
  process.stderr.write(`warn otel-xray: the app runs untraced: ${reason(error)}\n`);
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
