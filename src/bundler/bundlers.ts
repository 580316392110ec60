import { satisfies } from '@opentelemetry/instrumentation/build/esm/semver.js';

/** The versions of each bundler whose plugin interface is known; the first and the newest are tested. */
const KNOWN = {
  esbuild: '>=0.17.0 <1',
  webpack: '>=5.40.0 <6',
  rspack: '>=1.0.0 <3',
  rollup: '>=3.0.0 <5',
  rolldown: '>=1.0.0 <2',
  vite: '>=5.0.0 <9',
} as const;

export type RollupLike = 'rollup' | 'rolldown' | 'vite';
export type WebpackLike = 'webpack' | 'rspack';
type Bundler = keyof typeof KNOWN;

/**
 * Returns the reason why a bundle stays as it is; `undefined` if the bundler is known.
 *
 * @param versions by name, as the bundler reports them
 */
export function unknownBundler(
  bundler: Bundler,
  versions: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const version = versions[bundler] ?? (bundler === 'vite' ? olderVite(versions) : undefined);
  if (version !== undefined && satisfies(version, KNOWN[bundler])) return undefined;
  return (
    `otel-xray/${bundler} does not support ${bundler} ${version ?? '(unknown version)'} (supported: ` +
    `${KNOWN[bundler]}): the bundle is left unchanged, and packages in it are not traced. Update ` +
    `otel-xray, or use a supported version of ${bundler}.`
  );
}

/** Vite reports its version from version 7 on; 5 and 6 contain rollup 4. */
function olderVite({ rollup }: Readonly<Record<string, string | undefined>>): string | undefined {
  return rollup !== undefined && satisfies(rollup, '^4.0.0') ? '6.0.0' : undefined;
}
