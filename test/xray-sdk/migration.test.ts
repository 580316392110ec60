import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { root } from '../../scripts/staleness.mjs';
import { traceTrees } from '../../src/compare/trace-tree.ts';
import { readPage } from '../support/doc-blocks.ts';
import { startFakeDaemon } from '../support/fake-daemon.ts';
import { run } from '../support/run.ts';
import { ELSEWHERE, EXAMPLES, type MigrationExample } from './migration-examples.ts';

const PAGE = readPage('docs/migration.md');
const SDK_PART = PAGE.slice(
  PAGE.indexOf('\n# From the X-Ray SDK for Node.js'),
  PAGE.indexOf('\n# From the X-Ray SDK for Python'),
);
const HEADINGS = Array.from(SDK_PART.matchAll(/^### (.+)$/gm), ([, heading]) => heading as string);

/** First column of the table of differences. */
const DIFFERENCES = Array.from(
  PAGE.slice(
    PAGE.indexOf('\nDifferences:\n'),
    PAGE.indexOf('\n# From the X-Ray SDK for Node.js'),
  ).matchAll(/^\| ([^|]+) \|/gm),
  ([, name]) => name as string,
);

function programOf({ inside, program }: MigrationExample): string {
  const head = `const AWSXRay = require('aws-xray-sdk-core');`;
  if (program !== undefined) return head + program;
  return `${head}
    const segment = new AWSXRay.Segment('job');
    AWSXRay.getNamespace().runPromise(async () => {
      AWSXRay.setSegment(segment);
      ${inside}
      segment.close();
    });`;
}

async function outcome(script: string, flags: readonly string[]) {
  await using daemon = await startFakeDaemon();
  const { code, stdout } = await run([...flags, '-e', script], {
    cwd: root,
    env: {
      AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${daemon.endpoint.port}`,
      AWS_XRAY_LOG_LEVEL: 'silent',
      OTEL_TRACES_SAMPLER: 'parentbased_always_on',
      OTEL_LOG_LEVEL: 'none',
    },
  });
  await daemon.until((received) =>
    received.documents().some(({ type, end_time: end }) => type === undefined && end !== undefined),
  );
  return { code, stdout, traces: traceTrees(daemon.flat()) };
}

test('every function of the page has an example', () => {
  const here = Object.keys(EXAMPLES);
  expect([...here, ...Object.keys(ELSEWHERE)].sort()).toEqual([...HEADINGS].sort());
  const missing = Object.values(ELSEWHERE).filter(
    (file) => !existsSync(join(import.meta.dirname, 'programs', file)),
  );
  expect(missing).toEqual([]);
});

describe('code for the X-Ray SDK gives the same trace on the facade', () => {
  const examples = Object.entries(EXAMPLES);
  test.each(examples.filter(([, { difference }]) => difference === undefined))(
    '%s',
    async (_heading, example) => {
      const script = programOf(example);
      const sdk = await outcome(script, []);
      const facade = await outcome(script, ['--import', join(root, 'register')]);
      expect(facade).toEqual(sdk);
    },
  );

  test.each(examples.filter(([, { difference }]) => difference !== undefined))(
    '%s, but for a difference that the page names',
    async (_heading, example) => {
      expect(DIFFERENCES).toContain(example.difference);
      const script = programOf(example);
      const sdk = await outcome(script, []);
      const facade = await outcome(script, ['--import', join(root, 'register')]);
      expect(facade.traces).not.toEqual(sdk.traces);
      expect(facade.code).toBe(sdk.code);
    },
  );
});
