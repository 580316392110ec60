import { createRequire } from 'node:module';
import { warnOnce } from '../../diagnostics.ts';
import { Hook } from './hooks.ts';
import { packageOfFile } from './module-load.ts';
import { versionIn } from './versions.ts';

/** Detects problems of the load order that cause missing spans. */

/** Returns the names of wanted packages that were loaded before otel-xray. */
export function loadedBefore(
  wants: (packageName: string) => boolean,
  files: readonly string[] = Object.keys(createRequire(import.meta.url).cache),
): readonly string[] {
  const names = files.map((file) => packageOfFile(file)?.packageName);
  return [...new Set(names.filter((name) => name !== undefined && wants(name)))] as string[];
}

export function warnOfLoadedBefore(packages: readonly string[]): void {
  if (packages.length === 0) return;
  warnOnce(
    `${packages.join(', ')}: loaded before otel-xray, so not traced. ` +
      'Load otel-xray/register first: node --import otel-xray/register, before any other --import or --require.',
  );
}

export const API_PACKAGE = '@opentelemetry/api';
const API_GLOBAL = Symbol.for('opentelemetry.js.api.1');

/** Checks the version of every copy of the API that loads as CommonJS. */
export function watchApiCopies(): () => void {
  const hook = new Hook([API_PACKAGE], {}, (exports, _name, baseDir) => {
    if (baseDir !== undefined) warnOfNewerApi(baseDir);
    return exports;
  });
  return () => hook.unhook();
}

/**
 * Warns when a library depends on a copy of the API that is newer than the registered one. Such a
 * copy ignores the registered provider, so its spans are lost silently.
 *
 * @param folder of the copy
 * @see docs/spec/packaging.md section 2.3
 */
export function warnOfNewerApi(folder: string): void {
  const version = versionIn(folder);
  const ours = registeredVersion();
  if (version === undefined || ours === undefined || minorOf(version) <= minorOf(ours)) return;
  warnOnce(
    `${folder} is version ${version}, newer than the ${ours} that traces this app: spans made with it ` +
      `are lost. Install one copy only: npm install ${API_PACKAGE}@${version}, then npm dedupe.`,
  );
}

function registeredVersion(): string | undefined {
  const globals = globalThis as unknown as Record<
    symbol,
    { readonly version?: string } | undefined
  >;
  return globals[API_GLOBAL]?.version;
}

function minorOf(version: string): number {
  return Number(version.split('.')[1]);
}
