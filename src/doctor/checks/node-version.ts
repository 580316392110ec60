import { type Check, fail, ok } from '../finding.ts';

/** The first supported minor version of each Node.js release line. */
const SINCE: Readonly<Record<number, number>> = { 20: 19, 22: 12 };
/** The first version of each release line whose loader hooks support pure ESM packages. */
const ESM_HOOKS: Readonly<Record<number, readonly [minor: number, patch: number]>> = {
  22: [22, 3],
  24: [11, 1],
  25: [1, 0],
};

/** Checks whether this Node.js version is supported, and whether it can trace pure ESM packages. */
export const nodeVersion: Check = {
  name: 'node',
  find: ({ node }) => {
    const [major = 0, minor = 0, patch = 0] = node.split('.').map(Number);
    const since = SINCE[major];
    if (major < 20 || major === 21 || (since !== undefined && minor < since)) {
      return fail('old-node', `Node ${node} is too old`, 'Use Node 20.19, 22.12 or newer.');
    }
    const hooks = ESM_HOOKS[major];
    const pureEsm =
      major > 25 ||
      (hooks !== undefined && (minor > hooks[0] || (minor === hooks[0] && patch >= hooks[1])));
    return ok(
      pureEsm
        ? `Node ${node}`
        : `Node ${node}; pure ESM packages (openai) are traced with Node 22.22.3, 24.11.1 or newer`,
    );
  },
};
