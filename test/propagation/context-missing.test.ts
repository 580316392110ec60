import { type DiagLogger, DiagLogLevel, diag } from '@opentelemetry/api';
import { afterEach, describe, expect, test } from 'vitest';
import { sayAgain } from '../../src/diagnostics.ts';
import {
  contextMissingReporter,
  readContextMissing,
} from '../../src/propagation/context-missing.ts';
import { CASES, HAS_CASES } from '../support/sampling-cases.ts';

function listen(): { readonly warned: string[]; readonly debugged: string[] } {
  const lines = { warned: [] as string[], debugged: [] as string[] };
  const none = () => {};
  const logger: DiagLogger = {
    error: none,
    info: none,
    verbose: none,
    warn: (text) => lines.warned.push(text),
    debug: (text) => lines.debugged.push(text),
  };
  diag.setLogger(logger, { logLevel: DiagLogLevel.ALL, suppressOverrideMessage: true });
  return lines;
}
afterEach(() => diag.disable());

/** What each expectation of the cases means here: warnings, and lines for two calls at one place. */
const MEANING: Readonly<Record<string, { readonly warned: number; readonly debugged: number }>> = {
  'no throw, debug line': { warned: 0, debugged: 1 },
  'no throw, silent': { warned: 0, debugged: 0 },
  'no throw, one start-up warning': { warned: 1, debugged: 1 },
  'as LOG_ERROR': { warned: 0, debugged: 1 },
  'one warning, default': { warned: 1, debugged: 1 },
};

describe.runIf(HAS_CASES)('cases of the specification', () => {
  test.for(CASES.contextMissing)('$id: $value, $expected', ({ value, expected }) => {
    const { warned, debugged } = listen();
    const report = contextMissingReporter(readContextMissing(value));
    report('addAnnotation');
    report('addAnnotation');
    for (const line of warned) sayAgain(line.replace('otel-xray: ', ''));
    const ours = debugged.filter((line) => line.includes('addAnnotation'));
    expect({ warned: warned.length, debugged: ours.length }).toEqual(MEANING[expected]);
  });
});

test('unset and empty are the default, without a word', () => {
  const { warned } = listen();
  expect([readContextMissing(undefined), readContextMissing(' ')]).toEqual([
    'LOG_ERROR',
    'LOG_ERROR',
  ]);
  expect(warned).toEqual([]);
});
