import { expect, test } from 'vitest';
import { compare } from './compare.ts';

const CASES = [
  { what: 'a warning at the start', env: { OTEL_XRAY_NESTING: 'no such value' } },
  { what: 'every debug message', env: { OTEL_LOG_LEVEL: 'debug' } },
  { what: 'documents on standard output', env: { OTEL_XRAY_DUMP: 'stdout' } },
  { what: 'documents in a full device', env: { OTEL_XRAY_DUMP: '/dev/full' } },
] as const;
const DEAD = [['stderr'], ['stdout'], ['stdout', 'stderr']] as const;

test.for(CASES.flatMap((row) => DEAD.map((deadPipes) => ({ ...row, deadPipes }))))(
  '$what, while nobody reads $deadPipes: the app goes on',
  async ({ env, deadPipes }) => {
    const settings = { OTEL_SERVICE_NAME: 'shop', OTEL_TRACES_SAMPLER: 'always_on', ...env };
    const { without, with: traced } = await compare(['output.mjs'], { env: settings, deadPipes });
    expect(without.code).toBe(3);
    const { code, signal } = traced;
    expect({ code, signal }).toEqual({ code: without.code, signal: without.signal });
  },
);
