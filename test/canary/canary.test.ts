import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { INSTRUMENTATIONS } from '../../src/instrumentation/table.ts';
import { type CanaryDeps, checkLibrary, findingText, summaryText } from './canary.ts';
import { LIBRARIES, PROGRAM_NAMES, WITHOUT_PROGRAM } from './libraries.ts';
import type { Library } from './library.ts';
import { goldenFile } from './run-library.ts';

const express: Library = { name: 'express', packageName: 'express', version: '5.3.0' };
const bunyan: Library = { name: 'bunyan', packageName: 'bunyan', version: '2.0.5' };
const pg: Library = { name: 'pg', packageName: 'pg', version: '8.23.1', servers: ['postgres'] };

const NEWEST: Readonly<Record<string, string>> = {
  bunyan: '3.1.0',
  express: '5.4.0',
  pg: '8.24.0',
};

function deps(changes: Partial<CanaryDeps> = {}): CanaryDeps {
  return {
    newest: async (name) => NEWEST[name] as string,
    tooNew: (packageName, version) =>
      packageName === 'bunyan'
        ? { packageName, version, instrumentation: 'bunyan', below: '3' }
        : undefined,
    missing: ({ servers }) => (servers === undefined ? undefined : 'not installed: postgres'),
    trace: async () => 'shop (segment)\n  handler\n',
    golden: () => 'shop (segment)\n  handler\n',
    ...changes,
  };
}

async function textOf(library: Library, changes?: Partial<CanaryDeps>): Promise<string> {
  return findingText(await checkLibrary(library, deps(changes)));
}

test('a small list: the newest version of each library and its result', async () => {
  const findings = await Promise.all(
    [express, bunyan, pg].map((library) => checkLibrary(library, deps())),
  );
  expect([...findings.map(findingText), summaryText(findings)]).toEqual([
    'ok      express 5.4.0: same trace',
    'widen   bunyan 3.1.0: same trace, but instrumentation bunyan supports versions below 3: ' +
      'widen its range in src/instrumentation/loading/ranges.ts',
    'skipped pg 8.24.0: not installed: postgres',
    '1 ok, 1 widen, 0 failed, 1 skipped',
  ]);
});

test('a version that is too new states one that its instrumentation supports', async () => {
  const runs: string[] = [];
  const trace: CanaryDeps['trace'] = async ({ packageName }, version, stated) => {
    runs.push(`${packageName}@${version} as ${stated}`);
    return 'shop (segment)\n  handler\n';
  };
  for (const library of [express, bunyan]) await checkLibrary(library, deps({ trace }));
  expect(runs).toEqual(['express@5.4.0 as 5.4.0', 'bunyan@3.1.0 as 2.999.0']);
});

test('a trace that differs: the lines that are missing or new', async () => {
  expect(await textOf(bunyan, { trace: async () => 'shop (segment)\n  other\n' })).toBe(
    [
      'failed  bunyan 3.1.0: the trace differs from that of 2.0.5:',
      '        -   handler',
      '        +   other',
    ].join('\n'),
  );
  expect(await textOf(express, { trace: async () => '  handler\nshop (segment)\n' })).toContain(
    'the same lines in another order',
  );
});

test('a library that cannot be run does not end the others', async () => {
  const fail = async (): Promise<never> => {
    throw new Error('404 Not Found');
  };
  expect(await textOf(express, { newest: fail })).toBe(
    'failed  express (version unknown): cannot be run: 404 Not Found',
  );
  expect(await textOf(express, { trace: fail })).toBe(
    'failed  express 5.4.0: cannot be run: 404 Not Found',
  );
});

test('every library has one program and one golden file', () => {
  const names = LIBRARIES.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(LIBRARIES.filter((library) => !existsSync(goldenFile(library)))).toEqual([]);
});

test('every instrumentation has a program, or a reason why it has none', () => {
  const programs = LIBRARIES.map(({ name }) => name);
  const without = INSTRUMENTATIONS.map(({ name }) => name).filter(
    (name) => !programs.includes(PROGRAM_NAMES[name] ?? name),
  );
  expect(without.sort()).toEqual(Object.keys(WITHOUT_PROGRAM).sort());
  expect(Object.values(WITHOUT_PROGRAM).filter((reason) => reason.trim() === '')).toEqual([]);
});
