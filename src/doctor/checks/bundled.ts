import { type Check, type Finding, fail, info, ok } from '../finding.ts';

/** A file of hand-written code is hardly ever bigger. */
const BUNDLE_BYTES = 200_000;

/** Whether libraries were bundled into the app, where nothing can be traced from outside. */
export function bundledCheck(isInstrumented: (packageName: string) => boolean): Check {
  return {
    name: 'bundle',
    find: ({ start, install }) => {
      if (start === undefined || start === 'nothing') return info('not looked at: no app ran');
      const known = start.bundled.filter(isInstrumented);
      if (known.length > 0) return bundled(`${known.join(', ')} is bundled into the app`);
      const loaded = new Set([...start.before, ...start.after]);
      const absent = install.dependencies.filter((name) => isInstrumented(name));
      const none = absent.length > 0 && absent.every((name) => !loaded.has(name));
      if (none && start.biggestFile > BUNDLE_BYTES) {
        return bundled(`${absent.join(', ')} seems to be bundled into the app: it never loads`);
      }
      return ok('libraries load from node_modules');
    },
  };
}

function bundled(message: string): Finding {
  return fail(
    'bundled',
    `${message}, so only http, fetch and Lambda are traced`,
    'Leave these packages out of the bundle (esbuild --packages=external, webpack externals, rollup external).',
  );
}
