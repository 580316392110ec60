import { warnOnce } from '../diagnostics.ts';
import type { LoadedFile } from './loading/module-load.ts';
import { compareVersions, versionIn } from './loading/versions.ts';
import { INSTRUMENTATIONS, type InstrumentationRow } from './table.ts';

/** A package whose version is newer than its instrumentation supports. */
export interface TooNew {
  readonly packageName: string;
  readonly version: string;
  /** Name of the instrumentation. */
  readonly instrumentation: string;
  /** The first unsupported version. */
  readonly below: string;
}

/** Returns details if the instrumentation of a package does not support this version yet. */
export function tooNew(
  packageName: string,
  version: string,
  rows: readonly InstrumentationRow[] = INSTRUMENTATIONS,
): TooNew | undefined {
  const row = rows.find(({ modules }) => modules.includes(packageName));
  const below = row?.below[packageName];
  if (row === undefined || below === undefined || compareVersions(version, below) < 0)
    return undefined;
  return { packageName, version, instrumentation: row.name, below };
}

export function tooNewText({ packageName, version, instrumentation, below }: TooNew): string {
  return `${packageName} ${version} is not instrumented: instrumentation ${instrumentation} supports versions below ${below}`;
}

/** Returns what a user can do about it. */
export function tooNewFix({ packageName, instrumentation, below }: TooNew): string {
  return (
    `Look for a newer otel-xray, or use ${packageName} below ${below}; ` +
    `OTEL_NODE_DISABLED_INSTRUMENTATIONS=${instrumentation} ends this message.`
  );
}

/**
 * Warns once for each package that is too new for its instrumentation, which would otherwise skip
 * the package silently.
 *
 * @returns a function to call for every file of an instrumented package
 */
export function watchVersions(): (file: LoadedFile) => void {
  const seen = new Set<string>();
  return ({ packageName, baseDir }) => {
    if (seen.has(baseDir)) return;
    seen.add(baseDir);
    const version = versionIn(baseDir);
    const found = version === undefined ? undefined : tooNew(packageName, version);
    if (found !== undefined) warnOnce(`${tooNewText(found)}. ${tooNewFix(found)}`);
  };
}
