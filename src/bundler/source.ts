import { BUNDLE_KEY } from '../bundle-key.ts';
import type { Target } from './target.ts';

/**
 * The code that the plugin adds to modules. It is plain ES5, works without otel-xray in the process,
 * and contains no import, so that it needs nothing from the bundler.
 *
 * @see src/instrumentation/loading/bundled.ts for the other side
 */

/** Query of the module that holds the original code of a changed ES module. */
export const ORIGINAL = '?otel-xray';

const KEY = `Symbol.for(${JSON.stringify(BUNDLE_KEY)})`;

/** Passes a module to otel-xray, or keeps it until otel-xray starts. */
const PUSH = `function(k,m){(globalThis[k]=globalThis[k]||[]).push(m);return m[0]}`;

function moduleOf(exports: string, { name, packageName, version }: Target): string {
  return `${exports},${[name, packageName, version].map((text) => JSON.stringify(text)).join(',')}`;
}

/** Returns a CommonJS module that passes its exports on when it has run. The lines stay where they are. */
export function commonJsSource(source: string, target: Target): string {
  return `${source}\n;module.exports=(${PUSH})(${KEY},[${moduleOf('module.exports', target)}]);\n`;
}

/**
 * Returns a CommonJS module of the X-Ray SDK that does not run if otel-xray has a replacement.
 *
 * The original code is in a function, so that its directives stay in effect.
 */
export function replaceableSource(source: string, { name }: Target): string {
  const ask = `(function(r){return r&&r.replacement&&r.replacement(${JSON.stringify(name)})})(globalThis[${KEY}])`;
  return `var otelXrayReplacement=${ask};if(otelXrayReplacement)module.exports=otelXrayReplacement.exports;else(function(){${source}\n}).call(this);\n`;
}

/**
 * Returns an ES module with the same exports as the original, which otel-xray can replace.
 *
 * @param original specifier of the module with the original code
 * @param names of the exports; others are re-exported as they are
 */
export function esModuleSource(original: string, names: readonly string[], target: Target): string {
  const from = JSON.stringify(original);
  const exported = names.map((name, index) => ({ name, local: `otelXray${index}` }));
  const values = exported.map(({ name, local }) => `${JSON.stringify(name)}:${local}`);
  const setters = exported.map(
    ({ name, local }) => `${JSON.stringify(name)}:function(v){${local}=v}`,
  );
  return [
    `import * as otelXrayOriginal from ${from};`,
    `export * from ${from};`,
    ...exported.map(({ name, local }) => `var ${local}=otelXrayOriginal${member(name)};`),
    `(${PUSH})(${KEY},[${moduleOf(`{${values}}`, target)},{${setters}}]);`,
    `export {${exported.map(({ name, local }) => `${local} as ${isIdentifier(name) ? name : JSON.stringify(name)}`)}};`,
    '',
  ].join('\n');
}

/** Bundlers see which exports are used by an access with a dot. */
function member(name: string): string {
  return isIdentifier(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
}

function isIdentifier(name: string): boolean {
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name);
}
