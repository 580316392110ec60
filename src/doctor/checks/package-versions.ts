import { tooNew, tooNewFix, tooNewText } from '../../instrumentation/known-versions.ts';
import { type Check, ok, warn } from '../finding.ts';

/** Whether packages are installed in versions that came out after their instrumentations. */
export function packageVersions(isInstrumented: (packageName: string) => boolean): Check {
  return {
    name: 'packages',
    find: ({ install }) => {
      const found = install.versioned
        .filter(({ name }) => isInstrumented(name))
        .flatMap(({ name, version, path }) => {
          const newer = tooNew(name, version);
          return newer === undefined ? [] : [{ newer, path }];
        });
      if (found.length === 0) return ok('none is newer than its instrumentation');
      return found.map(({ newer, path }) =>
        warn('package-too-new', `${tooNewText(newer)} (${path})`, tooNewFix(newer)),
      );
    },
  };
}
