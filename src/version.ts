import { createRequire } from 'node:module';

/** Defined by the build. */
declare const __VERSION__: string | undefined;

/** Version of this package. */
export const VERSION: string =
  typeof __VERSION__ === 'string'
    ? __VERSION__
    : (createRequire(import.meta.url)('../package.json') as { version: string }).version;
