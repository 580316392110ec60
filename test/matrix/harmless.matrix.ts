import { expect, test } from 'vitest';
import { compare } from '../harmless/compare.ts';
import { PROGRAMS, SETTINGS } from '../harmless/programs.ts';
import { installedNode, NODES } from '../support/nodes.ts';

const CASES = NODES.flatMap((node) =>
  PROGRAMS.filter(({ from = 0 }) => Number.parseInt(node, 10) >= from).map((program) => ({
    ...program,
    version: node,
  })),
);

test.for(CASES)(
  'Node $version, $what: as without otel-xray',
  async ({ version, args, env, node, before, maxMessages = 6 }) => {
    const program = await installedNode(version);
    const options = { env: { ...SETTINGS, ...env }, node, before, program };
    const { without, with: traced, messages } = await compare(args, options);
    expect(traced).toEqual(without);
    expect(messages.length).toBeLessThanOrEqual(maxMessages);
  },
);
