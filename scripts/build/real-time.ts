import { join } from 'node:path';
import type { Plugin } from 'rolldown';

/** What `src/real-time.ts` exports, by the global that it stands for. */
const GLOBALS: Readonly<Record<string, string>> = {
  setTimeout: 'setTimeout',
  clearTimeout: 'clearTimeout',
  setInterval: 'setInterval',
  clearInterval: 'clearInterval',
  setImmediate: 'setImmediate',
  clearImmediate: 'clearImmediate',
  queueMicrotask: 'queueMicrotask',
  'process.nextTick': 'nextTick',
  'Date.now': 'dateNow',
  performance: 'performance',
};

/** The modules of this package that run in an app, and the SDK. Command line and page are alone in their process. */
const MODULES =
  /[\\/]src[\\/](?!real-time|local|commands|doctor|compare|migrate|cli\.ts).*\.ts$|@opentelemetry[\\/](?:core|sdk-trace)[\\/]build[\\/]esm[\\/]/;

/**
 * Makes modules use the timers and clocks of `src/real-time.ts` in place of the global ones.
 *
 * Correctness: tests of an app replace the global ones by fakes, where spans would start in 1970.
 *
 * @throws {Error} if no module of the SDK uses a clock
 * @see docs/upstream.md section 6
 */
export function realTime(root: string): Plugin {
  const from = JSON.stringify(join(root, 'src/real-time.ts'));
  let isInSdk = false;
  return {
    name: 'real-time',
    transform(code, id) {
      if (!MODULES.test(id)) return null;
      const used = Object.keys(GLOBALS).filter((name) => isUsed(code, name));
      if (used.length === 0) return null;
      isInSdk ||= id.includes('sdk-trace');
      const names = [...new Set(used.map((name) => GLOBALS[name]))];
      const replaced = code
        .replaceAll(/(?<![.\w$])Date\.now\b/g, 'dateNow')
        .replaceAll(/(?<![.\w$])process\.nextTick\b/g, 'nextTick');
      return { code: `${replaced}\nimport { ${names.join(', ')} } from ${from};\n`, map: null };
    },
    buildEnd() {
      if (!isInSdk) throw new Error('no module of the SDK uses a clock');
    },
  };
}

/** Returns whether the code names a global, not a member, a type or an import of the same name. */
function isUsed(code: string, name: string): boolean {
  const imports = code.match(/^import [^;]*;/gm) ?? [];
  if (imports.some((text) => new RegExp(`\\b${name}(?:,| \\})`).test(text))) return false;
  const text = code.replaceAll(/\btypeof \w+/g, '');
  return new RegExp(`(?<![.\\w$])${name.replace('.', '\\.')}\\b`).test(text);
}
