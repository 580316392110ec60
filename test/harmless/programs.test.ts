import { expect, test } from 'vitest';
import { compare } from './compare.ts';
import { PROGRAMS, SETTINGS } from './programs.ts';

test.for(PROGRAMS.filter(({ isForMatrix }) => !isForMatrix))(
  '$what: as without otel-xray',
  async ({ args, env, node, before, maxMessages = 6 }) => {
    const options = { env: { ...SETTINGS, ...env }, node, before };
    const { without, with: traced, messages } = await compare(args, options);
    expect(traced).toEqual(without);
    expect(messages.length).toBeLessThanOrEqual(maxMessages);
  },
);
