import { tooNew, tooNewFix, tooNewText } from '../../instrumentation/known-versions.ts';
import { type Check, ok, warn } from '../finding.ts';

/** Reports packages that are newer than the versions their instrumentations support. */
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
      if (found.length === 0) return ok('no package is newer than its instrumentation supports');
      return found.map(({ newer, path }) =>
        warn('package-too-new', `${tooNewText(newer)} (${path})`, tooNewFix(newer)),
      );
    },
  };
}
