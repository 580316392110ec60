import { docsUrl } from '../../docs-url.ts';
import { type Check, type Finding, fail, info, ok } from '../finding.ts';

/** Size above which a file is probably a bundle: source files are rarely larger. */
const BUNDLE_BYTES = 200_000;

/** Checks whether libraries are bundled into the application, where they cannot be instrumented. */
export function bundledCheck(isInstrumented: (packageName: string) => boolean): Check {
  return {
    name: 'bundle',
    find: ({ start, install }) => {
      if (start === undefined || start === 'nothing')
        return info('not checked: no application was started');
      if (start.builtWithPlugin) return ok('libraries in the bundle are traced by its plugin');
      const known = start.bundled.filter(isInstrumented);
      if (known.length > 0) return bundled(`bundled into the application: ${known.join(', ')}`);
      const loaded = new Set([...start.before, ...start.after]);
      const absent = install.dependencies.filter((name) => isInstrumented(name));
      const none = absent.length > 0 && absent.every((name) => !loaded.has(name));
      if (none && start.biggestFile > BUNDLE_BYTES) {
        return bundled(
          `${absent.join(', ')} seems to be bundled into the application: it is never loaded`,
        );
      }
      return ok('libraries are loaded from node_modules');
    },
  };
}

function bundled(message: string): Finding {
  return fail(
    'bundled',
    `${message}, so only http, fetch, Lambda and libraries with tracing channels are traced`,
    `Build with the plugin for your bundler, such as otel-xray/esbuild (${docsUrl('bundling')}), or exclude ` +
      'these packages from the bundle (esbuild --packages=external, webpack externals, rollup external).',
  );
}
