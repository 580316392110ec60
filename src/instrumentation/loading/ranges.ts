import { normalize } from 'node:path';

/** The part of an instrumentation that says which versions of a package it patches. */
export interface Definition {
  readonly name: string;
  readonly patch?: unknown;
  supportedVersions: string[];
  readonly files: VersionedFile[];
}

/** A file of a package that an instrumentation patches. */
export interface VersionedFile {
  readonly name: string;
  supportedVersions: string[];
}

/** A file that our code patches, in the form of upstream's definitions. */
interface PatchedFile<Exports> extends VersionedFile {
  patch(exports: Exports): Exports;
  unpatch(exports: Exports | undefined): void;
  moduleExports?: Exports;
}

/**
 * Adds a file to what an instrumentation patches.
 *
 * @param name with `/`: `pg/lib/client.js`
 * @param patch may change the exports; must not throw
 */
export function addFile<Exports>(
  instrumentation: object,
  packageName: string,
  name: string,
  supportedVersions: string[],
  patch: (exports: Exports) => void,
): void {
  const definition = definitionsOf(instrumentation).find((other) => other.name === packageName);
  const file: PatchedFile<Exports> = {
    name: normalize(name),
    supportedVersions,
    patch(exports) {
      patch(exports);
      return exports;
    },
    unpatch() {},
  };
  definition?.files.push(file as VersionedFile);
}

interface Instrumentation {
  readonly _modules?: readonly Definition[];
}

/** Returns the definitions of an instrumentation and of the instrumentations in its fields. */
export function definitionsOf(instrumentation: object): readonly Definition[] {
  const parts = [instrumentation, ...Object.values(instrumentation)] as readonly (
    | Instrumentation
    | null
    | undefined
  )[];
  return parts.flatMap((part) => part?._modules ?? []);
}

/**
 * Changes the version ranges of an instrumentation, which it reads whenever a module loads.
 *
 * @param change gets a range, e.g. `>=4 <7`, and the name of the package or the file that it is for
 */
export function changeRanges(
  instrumentation: object,
  change: (range: string, name: string) => string,
): void {
  for (const definition of definitionsOf(instrumentation)) {
    for (const part of [definition, ...definition.files]) {
      part.supportedVersions = part.supportedVersions.map((range) => change(range, part.name));
    }
  }
}

/**
 * Upper ends of ranges that are too low: with the later major version, the instrumentation records the
 * same spans. By name of the instrumentation.
 *
 * @see test/canary/libraries.ts
 */
const WIDENED: Readonly<Record<string, readonly [end: string, newEnd: string]>> = {
  bunyan: ['2', '3'],
  cucumber: ['13', '14'],
  oracledb: ['8', '27'],
};

/** Widens the ranges of an instrumentation that records the same spans for later versions. */
export function widenRanges(name: string, instrumentation: object): void {
  const ends = WIDENED[name];
  if (ends === undefined) return;
  const [end, newEnd] = ends;
  const pattern = new RegExp(`<(\\s*)${end}$`);
  changeRanges(instrumentation, (range) => range.replace(pattern, `<$1${newEnd}`));
}
