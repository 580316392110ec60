import { expect } from 'vitest';
import { compare } from './compare.ts';

/** Ways in which `crash.mjs` ends; the first argument of the program. */
export const CRASHES: readonly string[] = [
  'in a request handler',
  'in an async request handler',
  'in a response handler',
  'in a listener of a request',
  'in a timer',
  'in a callback',
  'that a callback got',
  'by an emitter without a listener',
  'as an invalid URL of a request',
  'as a rejection',
  'as something that is no error',
];

/** Here our code has to catch the error, to record it on the span of a call that the app may catch. */
const IS_CAUGHT: ReadonlySet<string> = new Set(['as an invalid URL of a request']);

/** The context of a request takes two frames, that of a callback five; Node prints ten at most. */
const MAX_ADDED_LINES = 6;

/** Where less may be added. */
const MAX_ADDED: Readonly<Record<string, number>> = {
  'in a request handler': 2,
  'in an async request handler': 2,
  'in a listener of a request': 2,
};

const ENV = {
  OTEL_SERVICE_NAME: 'shop',
  OTEL_TRACES_SAMPLER: 'always_on',
  OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'http,undici,dns,fs',
};

const isFrame = (line: string): boolean => /^\s+at /.test(line);
const caretOf = (lines: readonly string[]): number =>
  lines.findIndex((line) => /^\s*\^+$/.test(line)) + 1;

/**
 * Checks that a crash prints the same source line and the same description of the error as without
 * otel-xray, with a few more frames.
 *
 * @param program Node; the current one by default
 */
export async function checkCrash(way: string, program?: string): Promise<void> {
  const { without, with: traced } = await compare(['crash.mjs', way], { env: ENV, program });
  const [plain, ours] = [without.stderr, traced.stderr];
  expect({ ...traced, stderr: [] }).toEqual({ ...without, stderr: [] });
  expect(without.code).not.toBe(0);
  const from = IS_CAUGHT.has(way) ? caretOf : () => 0;
  const rest = (lines: readonly string[]): readonly string[] =>
    lines.slice(from(lines)).filter((line) => !isFrame(line));
  expect(rest(ours)).toEqual(rest(plain));
  expect(ours.find(isFrame)).toBe(plain.find(isFrame));
  expect(ours.length - plain.length).toBeLessThanOrEqual(MAX_ADDED[way] ?? MAX_ADDED_LINES);
  expect(ours.filter((line) => line.length > 200)).toEqual([]);
}
