import { satisfies } from '@opentelemetry/instrumentation/build/esm/semver.js';

/** The versions of each bundler whose plugin interface is known; tested with the first and the newest. */
const KNOWN = {
  esbuild: '>=0.17.0 <1',
  webpack: '>=5.0.0 <6',
  rspack: '>=1.0.0 <3',
  rollup: '>=3.0.0 <5',
  rolldown: '>=1.0.0 <2',
  vite: '>=5.0.0 <9',
} as const;

export type Bundler = keyof typeof KNOWN;

/**
 * Returns the reason why a bundle stays as it is; `undefined` if the bundler is known.
 *
 * @param version as the bundler reports it; `undefined` if it does not
 */
export function unknownBundler(bundler: Bundler, version: string | undefined): string | undefined {
  const known = KNOWN[bundler];
  if (version !== undefined && satisfies(version, known)) return undefined;
  return (
    `otel-xray/${bundler} does not know ${bundler} ${version ?? '(unknown version)'}, only ${known}: the bundle ` +
    `is left as it is, and packages in it are not traced. Use a newer otel-xray, or a known ${bundler}.`
  );
}
