import { expect, test } from 'vitest';
import { compare } from './compare.ts';

const WAYS = [
  'in a request handler',
  'in an async request handler',
  'in a response handler',
  'in a timer',
  'by an emitter without a listener',
  'as an invalid URL of a request',
  'as a rejection',
  'as something that is no error',
] as const;
const env = { OTEL_SERVICE_NAME: 'shop', OTEL_TRACES_SAMPLER: 'always_on' };

/** Frames of a stack: Node prints ten at most, and some of them are ours. */
const isFrame = (line: string): boolean => /^\s+at /.test(line);

test.for(WAYS)('an error thrown %s prints what it prints without otel-xray', async (way) => {
  const { without, with: traced } = await compare(['crash.mjs', way], { env });
  const [plain, ours] = [without.stderr, traced.stderr];
  expect({ ...traced, stderr: [] }).toEqual({ ...without, stderr: [] });
  expect(without.code).not.toBe(0);
  // What comes before the caret shows the source of the throw, which may be a line of ours.
  const rest = (lines: readonly string[]): readonly string[] =>
    lines
      .slice(lines.findIndex((line) => /^\s*\^+$/.test(line)) + 1)
      .filter((line) => !isFrame(line));
  expect(rest(ours)).toEqual(rest(plain));
  expect(ours.find(isFrame)).toBe(plain.find(isFrame));
  expect(ours.length - plain.length).toBeLessThanOrEqual(8);
  expect(ours.filter((line) => line.length > 200)).toEqual([]);
});
