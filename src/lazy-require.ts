import { createRequire } from 'node:module';

/** Put in by the build. */
declare const __VERSION__: string | undefined;

const require = createRequire(import.meta.url);

/** Parts that few apps need, each a chunk of its own: where it lies in the sources. */
const PARTS = {
  'aws-parameters': './instrumentation/aws-parameters.ts',
  'config-file': './config-file/index.ts',
  validate: './local/validate-sent.ts',
} as const;

/** Loads a part at its first use; a start without it loads nothing. */
export function requireChunk<Part>(name: keyof typeof PARTS): Part {
  return require(typeof __VERSION__ === 'string' ? `./${name}.cjs` : PARTS[name]) as Part;
}
