import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { INSTRUMENTATIONS } from '../instrumentation/table.ts';

/** The files of otel-xray that load others by a name which a bundler cannot follow. */
export const OWN_FILES: RegExp =
  /[\\/]node_modules[\\/]otel-xray[\\/]dist[\\/](?:register|core-[\w-]+|i[\\/]sqlite)\.cjs$/;

/** Chunks that are loaded on demand, beside those of the instrumentations. */
const CHUNKS = ['aws-parameters', 'config-file', 'validate', 'xray-sdk-packages'];

/** What the build makes of `createRequire(import.meta.url)`. */
const REQUIRE = '(0, node_module.createRequire)(require("url").pathToFileURL(__filename).href)';
const WRAPS_ES_MODULES = '!canWrapEsModules(process.versions.node)';
const START = /const START = "(\.\/core-[\w-]+\.cjs)"/;

/**
 * Returns a file of otel-xray that works as part of a bundle: what it loads by name becomes a table
 * of `require` calls, which the bundler follows. ES modules outside of the bundle are not wrapped,
 * because the code for it has to be in a file of its own.
 *
 * @param filename matched by {@link OWN_FILES}
 * @throws {Error} if the file loads nothing in the expected way
 */
export function ownSource(filename: string, source: string): string {
  const dist = dirname(filename);
  if (!source.includes(REQUIRE))
    throw new Error('the file does not belong to this version of otel-xray');
  const start = START.exec(source)?.[1];
  const isFirst = source.includes(WRAPS_ES_MODULES);
  const files = isFirst ? chunksFor([dirname(dist), process.cwd()], dist) : [start ?? []].flat();
  const table = files.map((file) => {
    const name = JSON.stringify(file);
    return `${name}:function(){return require(${name})}`;
  });
  // On one line, so that the lines of the file stay where they are.
  const prelude = [
    'var otelXrayPath=require("node:path")',
    'otelXrayFile=typeof __filename==="string"&&otelXrayPath.dirname(__filename)!=="/"?__filename:otelXrayPath.resolve("index.js")',
    'otelXrayNative=require("node:module").createRequire(otelXrayFile)',
    `otelXrayFiles={${table}}`,
    'otelXrayRequire=Object.assign(function(id){return otelXrayFiles[id]?otelXrayFiles[id]():otelXrayNative(id)},otelXrayNative)',
  ].join(',');
  return `${prelude};${source
    .replaceAll(REQUIRE, 'otelXrayRequire')
    .replaceAll('__filename', 'otelXrayFile')
    .replaceAll('__dirname', 'otelXrayPath.dirname(otelXrayFile)')
    .replaceAll(WRAPS_ES_MODULES, 'true')}`;
}

/** Returns the chunks that an app with these folders may need: not of packages that are not installed. */
function chunksFor(folders: readonly string[], dist: string): readonly string[] {
  const unused = INSTRUMENTATIONS.filter(
    ({ modules }) => modules.length > 0 && !modules.some((name) => isInstalled(name, folders)),
  ).map(({ name }) => `${name}.cjs`);
  const instrumentations = readdirSync(join(dist, 'i')).filter((file) => !unused.includes(file));
  return [
    ...CHUNKS.map((name) => `./${name}.cjs`),
    ...instrumentations.map((file) => `./i/${file}`),
  ];
}

function isInstalled(packageName: string, folders: readonly string[]): boolean {
  return folders.some((folder) => {
    const parent = dirname(folder);
    return (
      existsSync(join(folder, 'node_modules', packageName)) ||
      (parent !== folder && isInstalled(packageName, [parent]))
    );
  });
}
