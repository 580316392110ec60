import { createRequire } from 'node:module';

/** Defined by the build. */
declare const __VERSION__: string | undefined;

const require = createRequire(import.meta.url);

/** Modules that few apps need, with their source files. Each is built as a separate chunk. */
const PARTS = {
  'aws-parameters': './instrumentation/aws/aws-parameters.ts',
  'config-file': './config-file/index.ts',
  validate: './local/validate-sent.ts',
} as const;

/** Loads a chunk when it is first used. */
export function requireChunk<Part>(name: keyof typeof PARTS): Part {
  return require(typeof __VERSION__ === 'string' ? `./${name}.cjs` : PARTS[name]) as Part;
}
