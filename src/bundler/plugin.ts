import type { Plugin } from 'unplugin';
import { BUNDLE_KEY } from '../bundle-key.ts';
import { syntaxOf } from './exported-names.ts';
import type { BundlerPluginOptions } from './options.ts';
import { OWN_FILES, ownSource } from './own-files.ts';
import { commonJsSource, esModuleSource, ORIGINAL, replaceableSource } from './source.ts';
import { TARGET_FILES, type Target, targetFinder } from './target.ts';

/** The files that a plugin looks at. */
export const CHANGED_FILES: RegExp = new RegExp(`${TARGET_FILES.source}|${OWN_FILES.source}`);

/** A plugin in unplugin's form, for one build. */
export interface BundlerPlugin {
  readonly plugin: Plugin;
  /** Leaves all files as they are from now on. */
  disable(): void;
}

/**
 * Returns the part of the plugin that is the same for every bundler.
 *
 * It changes the files of instrumented packages so that they pass their exports to otel-xray at run
 * time. It never fails a build: what it cannot handle is left unchanged, with one warning.
 *
 * @see docs/spec/packaging.md section 3.3
 */
export function bundlerPlugin({ xraySdkFacade = true }: BundlerPluginOptions): BundlerPlugin {
  const warned = new Set<string>();
  const problems: string[] = [];
  const warn = (message: string): void => {
    if (!warned.has(message)) problems.push(message);
    warned.add(message);
  };
  let isEnabled = true;
  const findTarget = targetFinder({ warn, xraySdkFacade });
  const transform = async (source: string, id: string): Promise<string | undefined> => {
    if (OWN_FILES.test(id)) return isEnabled ? ownSource(id, source) : undefined;
    if (!TARGET_FILES.test(id) || source.includes(BUNDLE_KEY)) return undefined;
    const target = isEnabled ? findTarget(id) : undefined;
    return target === undefined ? undefined : await changed(source, id, target);
  };
  const plugin: Plugin = {
    name: 'otel-xray',
    enforce: 'pre',
    transform: {
      // Before other plugins, which turn CommonJS into ES modules.
      order: 'pre',
      filter: { id: CHANGED_FILES },
      async handler(source, id) {
        const code = await transform(source, id).catch((error: unknown) =>
          warn(`${id} is left unchanged and not traced: ${String(error)}`),
        );
        for (const problem of problems.splice(0)) this.warn(`otel-xray: ${problem}`);
        // The lines of CommonJS stay where they are, so there is nothing to map.
        return typeof code === 'string' ? { code, map: null } : undefined;
      },
    },
  };
  return {
    plugin,
    disable() {
      isEnabled = false;
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
