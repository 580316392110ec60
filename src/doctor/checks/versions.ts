import { type Check, info } from '../finding.ts';

/** Lists the versions of the bundled packages. Instrumentations are listed in JSON only. */
export const versions: Check = {
  name: 'versions',
  find: ({ versions: parts }) => {
    const all = Object.entries(parts);
    const few = all.filter(([name]) => !/\/instrumentation-|\/otel$/.test(name));
    const rest = all.length - few.length;
    const list = few.map(([name, version]) => `${name} ${version}`).join(', ');
    return {
      ...info(rest > 0 ? `${list}, ${rest} instrumentations` : list),
      details: parts,
    };
  },
};
