import { readFile } from 'node:fs/promises';
import type { Context, Plugin } from 'unplugin';
import { BUNDLE_KEY } from '../instrumentation/bundled.ts';
import { type Bundler, unknownBundler } from './bundlers.ts';
import { syntaxOf } from './exported-names.ts';
import type { BundlerPluginOptions } from './options.ts';
import { commonJsSource, esModuleSource, ORIGINAL, replaceableSource } from './source.ts';
import { type FindTarget, TARGET_FILES, type Target, targetFinder } from './target.ts';

const ORIGINAL_FILES = new RegExp(`\\.[cm]?js\\${ORIGINAL}$`);

/**
 * Returns the plugin for one build.
 *
 * It changes the files of instrumented packages so that they pass their exports to otel-xray at run
 * time. It never fails a build: what it cannot handle is left as it is, with one warning.
 *
 * @param versionOf returns the version of the bundler, asked when the build starts
 * @see docs/spec/packaging.md section 3.3
 */
export function bundlerPlugin(
  bundler: Bundler,
  { xraySdkFacade = true }: BundlerPluginOptions,
  versionOf: () => string | undefined,
): Plugin {
  const warned = new Set<string>();
  const problems: string[] = [];
  const warn = (message: string): void => {
    if (!warned.has(message)) problems.push(message);
    warned.add(message);
  };
  const report = (context: Context): void => {
    for (const problem of problems.splice(0)) context.warn(`otel-xray: ${problem}`);
  };
  let findTarget: FindTarget = targetFinder({ warn, xraySdkFacade });
  const transform = async (source: string, id: string): Promise<string | undefined> => {
    if (source.includes(BUNDLE_KEY)) return undefined;
    const target = findTarget(id);
    return target === undefined ? undefined : await changed(source, id, target);
  };
  return {
    name: 'otel-xray',
    enforce: 'pre',
    buildStart() {
      const problem = unknownBundler(bundler, versionOf());
      if (problem === undefined) return;
      warn(problem);
      findTarget = () => undefined;
      report(this);
    },
    transform: {
      // Before other plugins, which turn CommonJS into ES modules.
      order: 'pre',
      filter: { id: TARGET_FILES },
      async handler(source, id) {
        if (!TARGET_FILES.test(id)) return undefined;
        const code = await transform(source, id).catch((error: unknown) =>
          warn(`${id} is left as it is and not traced: ${String(error)}`),
        );
        report(this);
        // The lines stay where they are, so there is nothing to map.
        return typeof code === 'string' ? { code, map: null } : undefined;
      },
    },
  };
}

async function changed(source: string, id: string, target: Target): Promise<string | undefined> {
  const { isEsModule, names } = await syntaxOf(id, source);
  if (!isEsModule) {
    return target.isXRaySdk ? replaceableSource(source, target) : commonJsSource(source, target);
  }
  return target.isXRaySdk ? undefined : esModuleSource(`${id}${ORIGINAL}`, names, target);
}

/** Hooks of rollup's interface that find the original of an ES module; other bundlers need none. */
export const ORIGINALS: {
  readonly resolveId: object;
  readonly load: object;
} = {
  resolveId: {
    order: 'pre',
    filter: { id: ORIGINAL_FILES },
    handler: (id: string) => (ORIGINAL_FILES.test(id) ? id : undefined),
  },
  load: {
    order: 'pre',
    filter: { id: ORIGINAL_FILES },
    handler: (id: string) =>
      ORIGINAL_FILES.test(id) ? readFile(id.slice(0, -ORIGINAL.length), 'utf8') : undefined,
  },
};
