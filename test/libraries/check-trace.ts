import { join } from 'node:path';
import { expect } from 'vitest';
import type { SegmentDocument } from '../../src/translator/document.ts';
import { traceText } from '../apps/trace-text.ts';
import { startFakeDaemon } from '../support/fake-daemon.ts';
import type { App } from '../support/packed.ts';
import { type Finished, run } from '../support/run.ts';

const GOLDEN = join(import.meta.dirname, '../matrix/golden/libraries');

type Environment = Readonly<Record<string, string>>;

interface Traced extends Finished {
  readonly documents: readonly SegmentDocument[];
}

/** Runs a program; `runner` is `run.mjs`, which imports its libraries, or `run.cjs`. */
export async function traced(
  app: App,
  runner: string,
  name: string,
  env: Environment = {},
): Promise<Traced> {
  await using daemon = await startFakeDaemon();
  const end = await run(['--import', 'otel-xray/register', runner, name], {
    cwd: app.folder,
    env: {
      AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${daemon.endpoint.port}`,
      AWS_XRAY_COLLECT_SQL_QUERIES: '1',
      OTEL_SERVICE_NAME: 'shop',
      OTEL_TRACES_SAMPLER: 'always_on',
      ...env,
    },
  });
  await daemon.drained();
  return { ...end, documents: daemon.flat() };
}

/** The span of embeddings, here first with its children, and its request start at the same time. */
function readableTrace(documents: Parameters<typeof traceText>[0]): string {
  return `${traceText(documents, sqlOf)}\n`.replace(
    /^( *)(127\.0\.0\.1 {2}remote {2}POST \/v1\/embeddings 200\n)(\1embeddings .*\n(?:\1 +.*\n)*)/gm,
    '$3$1$2',
  );
}

/**
 * The program behaves as without otel-xray, and imported or required it has the same trace.
 *
 * @param golden name of the file with the trace
 */
export async function checkTrace(
  app: App,
  name: string,
  env: Environment = {},
  golden: string = name,
): Promise<void> {
  const without = await run(['run.mjs', name], { cwd: app.folder, env });
  const esm = await traced(app, 'run.mjs', name, env);
  const cjs = await traced(app, 'run.cjs', name, env);
  expect({ esm: outcome(esm), cjs: outcome(cjs) }).toEqual({
    esm: outcome(without),
    cjs: outcome(without),
  });
  expect(without.code).toBe(0);
  const text = readableTrace(esm.documents);
  expect(JSON.stringify(esm.documents)).not.toContain('secret');
  await expect(text).toMatchFileSnapshot(join(GOLDEN, `${golden}.txt`));
  expect(readableTrace(cjs.documents)).toBe(text);
}

function outcome({ code, stdout, stderr }: Finished) {
  return { code, stdout, stderr };
}

function sqlOf({ sql }: SegmentDocument): readonly (string | undefined)[] {
  return [sql?.sanitized_query];
}
