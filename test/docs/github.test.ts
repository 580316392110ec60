import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { root } from '../../scripts/staleness.mjs';
import { githubWorkflow } from '../support/checkers.ts';
import { readPage } from '../support/doc-blocks.ts';
import { hasPython } from '../support/python.ts';

const FOLDER = '.github/workflows';
const WORKFLOWS = readdirSync(join(root, FOLDER)).map((file) => `${FOLDER}/${file}`);
const { scripts } = JSON.parse(readPage('package.json'));

interface Workflow {
  readonly jobs: Readonly<Record<string, { readonly steps: readonly { readonly run?: string }[] }>>;
}

/** Returns the npm scripts that a text runs. */
function npmScripts(text: string): readonly string[] {
  return Array.from(text.matchAll(/\bnpm (?:run (?:--silent )?([\w:-]+)|(test)\b)/g), (match) => {
    return (match[1] ?? match[2]) as string;
  });
}

test.for([...WORKFLOWS, '.ci/run', 'README.md', 'CONTRIBUTING.md'])(
  '%s runs only npm scripts that exist',
  (file) => {
    const used = npmScripts(readPage(file));
    expect(used.length).toBeGreaterThan(0);
    expect(used.filter((name) => !(name in scripts))).toEqual([]);
  },
);

test('the workflow for pull requests runs the commands of .ci/run', () => {
  const { jobs } = parse(readPage(`${FOLDER}/test.yml`)) as Workflow;
  const commands = Object.values(jobs).flatMap(({ steps }) => steps.map(({ run = '' }) => run));
  const missing = npmScripts(readPage('.ci/run')).filter(
    (name) => !commands.flatMap(npmScripts).includes(name),
  );
  expect(missing).toEqual([]);
});

describe.runIf(hasPython())('schema', () => {
  test.for(WORKFLOWS)('%s is a valid workflow', (file) => {
    const { ok, output } = githubWorkflow(join(root, file));
    expect({ ok, output }).toMatchObject({ ok: true });
  });
});
