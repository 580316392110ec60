import type { TooNew } from '../../src/instrumentation/known-versions.ts';
import type { Library } from './library.ts';

/** What became of a library. */
export interface Finding {
  readonly library: Library;
  /** `widen`: newer than its instrumentation supports, with the same trace. */
  readonly state: 'ok' | 'widen' | 'failed' | 'skipped';
  /** The newest version; absent if the registry did not answer. */
  readonly version?: string;
  /** One line, followed by details. */
  readonly text: string;
}

export interface CanaryDeps {
  /** Returns the newest version of a package. */
  readonly newest: (packageName: string) => Promise<string>;
  /** Returns details if the instrumentation of a package does not support this version yet. */
  readonly tooNew: (packageName: string, version: string) => TooNew | undefined;
  /** Why a library cannot be run here; `undefined` if it can. */
  readonly missing: (library: Library) => string | undefined;
  /**
   * Runs the program of a library with a version of it and returns its trace.
   *
   * @param stated version that the package states, so that its instrumentation accepts it
   */
  readonly trace: (library: Library, version: string, stated: string) => Promise<string>;
  /** Returns the expected trace. */
  readonly golden: (library: Library) => string;
}

/** Runs the program of a library with its newest version. Never throws. */
export async function checkLibrary(library: Library, deps: CanaryDeps): Promise<Finding> {
  const { packageName } = library;
  let version: string | undefined;
  try {
    version = await deps.newest(packageName);
    const missing = deps.missing(library);
    if (missing !== undefined) return { library, state: 'skipped', version, text: missing };
    const unknown = deps.tooNew(packageName, version);
    const trace = await deps.trace(library, version, unknown ? lastBefore(unknown.below) : version);
    const difference = lineDifference(deps.golden(library), trace);
    if (difference !== '') {
      const text = `the trace differs from that of ${library.version}:\n${difference}`;
      return { library, state: 'failed', version, text };
    }
    if (unknown === undefined) return { library, state: 'ok', version, text: 'same trace' };
    const text =
      `same trace, but instrumentation ${unknown.instrumentation} supports versions below ${unknown.below}: ` +
      'widen its range in src/instrumentation/loading/ranges.ts';
    return { library, state: 'widen', version, text };
  } catch (error) {
    const text = `cannot be run: ${String((error as Error)?.message ?? error)}`;
    return { library, state: 'failed', ...(version !== undefined && { version }), text };
  }
}

/** The last version that an instrumentation supports, if the first unsupported one is a major version. */
function lastBefore(below: string): string {
  return `${Number.parseInt(below, 10) - 1}.999.0`;
}

/** Returns the lines that only one of two texts has: `- ` expected, `+ ` received. */
function lineDifference(expected: string, received: string): string {
  const [before, after] = [expected.trimEnd().split('\n'), received.trimEnd().split('\n')];
  if (before.join('\n') === after.join('\n')) return '';
  const only = (lines: readonly string[], others: readonly string[], mark: string): string[] =>
    lines.filter((line) => !others.includes(line)).map((line) => `${mark} ${line}`);
  const lines = [...only(before, after, '-'), ...only(after, before, '+')];
  return (lines.length > 0 ? lines : ['the same lines in another order']).join('\n');
}

/** Returns a finding as text. */
export function findingText({ library, state, version, text }: Finding): string {
  const name = `${library.packageName} ${version ?? '(version unknown)'}`;
  return `${state.padEnd(7)} ${name}: ${text.replaceAll('\n', '\n        ')}`;
}

/** Returns one line with all counts. */
export function summaryText(findings: readonly Finding[]): string {
  const count = (state: Finding['state']): number =>
    findings.filter((finding) => finding.state === state).length;
  return (['ok', 'widen', 'failed', 'skipped'] as const)
    .map((state) => `${count(state)} ${state}`)
    .join(', ');
}
