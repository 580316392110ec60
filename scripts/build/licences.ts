import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** A package of which something went into the bundle. */
export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
  /** Texts of its licence and notice files. */
  readonly texts: readonly string[];
}

const LEGAL_FILE = /^(licen[cs]e|notice|copying)/i;

/**
 * Returns the packages behind the module ids that the bundler says it put into the output.
 *
 * @throws {Error} when a package ships no licence file: then it may not be shipped by us
 */
export function bundledPackages(moduleIds: Iterable<string>): readonly BundledPackage[] {
  const folders = new Set<string>();
  for (const id of moduleIds) {
    const folder = id.includes('/node_modules/') ? packageFolder(id) : undefined;
    if (folder !== undefined) folders.add(folder);
  }
  const packages = [...folders].map(readPackage);
  const unique = new Map(packages.map((entry) => [`${entry.name}@${entry.version}`, entry]));
  return [...unique.values()].sort((a, b) => a.name.localeCompare(b.name, 'en'));
}

/**
 * Returns the folder right below the last `node_modules`: folders in it may have a package.json of
 * their own.
 */
function packageFolder(id: string): string | undefined {
  return /^\0?(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(id)?.[1];
}

function readPackage(folder: string): BundledPackage {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const paths = readdirSync(folder)
    .filter((name) => LEGAL_FILE.test(name))
    .flatMap((name) => filesBelow(join(folder, name)));
  if (paths.length === 0) throw new Error(`${manifest.name} ships no licence file`);
  return {
    name: manifest.name,
    version: manifest.version,
    licence: String(manifest.license),
    texts: paths.map((path) => readFileSync(path, 'utf8').trim()),
  };
}

/** Returns a file itself, or every file in a folder such as `LICENSES/`. */
function filesBelow(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path).flatMap((name) => filesBelow(join(path, name)));
}

/**
 * Returns the text of `THIRD_PARTY_LICENSES`: each licence text once, with the packages under it.
 */
export function licenceText(packages: readonly BundledPackage[]): string {
  const byText = new Map<string, string[]>();
  for (const { name, version, licence, texts } of packages) {
    for (const text of texts) {
      byText.set(text, [...(byText.get(text) ?? []), `${name} ${version} (${licence})`]);
    }
  }
  const parts = [...byText].map(([text, names]) => `${names.join('\n')}\n\n${text}\n`);
  return `otel-xray contains code of these packages.\n\n${parts.join(`\n${'-'.repeat(80)}\n\n`)}`;
}

/** Returns the list of packages as CycloneDX 1.6. */
export function sbom(
  packages: readonly BundledPackage[],
  own: { readonly name: string; readonly version: string },
): object {
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      component: {
        type: 'library',
        ...own,
        purl: purl(own),
        licenses: [{ license: { id: 'Apache-2.0' } }],
      },
    },
    components: packages.map(({ name, version, licence }) => ({
      type: 'library',
      name,
      version,
      purl: purl({ name, version }),
      licenses: [{ license: { id: licence } }],
    })),
  };
}

function purl({ name, version }: { readonly name: string; readonly version: string }): string {
  return `pkg:npm/${name.replace('@', '%40')}@${version}`;
}
