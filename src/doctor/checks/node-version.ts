import { type Check, fail, ok } from '../finding.ts';

/** First minor of each Node that loads our CommonJS from both kinds of module. */
const SINCE: Readonly<Record<number, number>> = { 20: 19, 22: 12 };
/** First Node of each line whose loader hooks are fit for pure ESM packages. */
const ESM_HOOKS: Readonly<Record<number, readonly [minor: number, patch: number]>> = {
  22: [22, 3],
  24: [11, 1],
  25: [1, 0],
};

/** Whether this Node can run us, and whether packages that are pure ESM can be traced on it. */
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
        : `Node ${node}; packages that are pure ESM (openai) are traced from 22.22.3 and 24.11.1 on`,
    );
  },
};
