import { expect } from 'vitest';
import { compare } from './compare.ts';

const CASES = [
  { what: 'a warning at the start', env: { OTEL_XRAY_NESTING: 'no such value' } },
  { what: 'every debug message', env: { OTEL_LOG_LEVEL: 'debug' } },
  { what: 'documents on standard output', env: { OTEL_XRAY_DUMP: 'stdout' } },
  { what: 'documents in a full device', env: { OTEL_XRAY_DUMP: '/dev/full' } },
] as const;
const DEAD = [['stderr'], ['stdout'], ['stdout', 'stderr']] as const;

export interface DeadPipeCase {
  readonly what: string;
  readonly env: Readonly<Record<string, string>>;
  readonly deadPipes: readonly ('stdout' | 'stderr')[];
}

/** What otel-xray writes, and the pipes that nobody reads. */
export const DEAD_PIPES: readonly DeadPipeCase[] = CASES.flatMap((row) =>
  DEAD.map((deadPipes) => ({ ...row, deadPipes })),
);

/**
 * Checks that the app ends by itself, as without otel-xray.
 *
 * @param program Node; the current one by default
 */
export async function checkDeadPipes(
  { env, deadPipes }: DeadPipeCase,
  program?: string,
): Promise<void> {
  const settings = { OTEL_SERVICE_NAME: 'shop', OTEL_TRACES_SAMPLER: 'always_on', ...env };
  const options = { env: settings, deadPipes, program };
  const { without, with: traced } = await compare(['output.mjs'], options);
  expect(without.code).toBe(3);
  const { code, signal } = traced;
  expect({ code, signal }).toEqual({ code: without.code, signal: without.signal });
}
