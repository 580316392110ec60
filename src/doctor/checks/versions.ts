import { type Check, info } from '../finding.ts';

/** What this package is made of, for bug reports. */
export const versions: Check = {
  name: 'versions',
  find: ({ versions: parts }) =>
    info(
      Object.entries(parts)
        .map(([name, version]) => `${name} ${version}`)
        .join(', '),
    ),
};
