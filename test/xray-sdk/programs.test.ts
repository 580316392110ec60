import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { root } from '../../scripts/staleness.mjs';
import { type Tree, traceTrees } from '../../src/compare/trace-tree.ts';
import type { SegmentDocument } from '../../src/translator/document.ts';
import { type FakeDaemon, startFakeDaemon } from '../support/fake-daemon.ts';
import { start } from '../support/run.ts';

const PROGRAMS = join(import.meta.dirname, 'programs');
const PARENT = '53995c3f42cd8ad8';
const HEADER = `Root=1-5759e988-bd862e3fe1be46a994272793;Parent=${PARENT};Sampled=1`;

/** What a program says of itself in its first line. */
interface Program {
  /** Paths that are asked of the server whose port it prints; a program without them ends by itself. */
  readonly requests: readonly string[];
  /** Segments that it sends, beside one for each request. */
  readonly roots: number;
}

function programOf(file: string): Program {
  const [line = ''] = readFileSync(join(PROGRAMS, file), 'utf8').split('\n', 1);
  const [, what, rest = ''] = /^\/\/ (requests|roots): (.*)$/.exec(line) ?? [];
  if (what === undefined)
    throw new Error(`${file}: the first line says neither requests nor roots`);
  return what === 'requests'
    ? { requests: rest.split(' '), roots: 0 }
    : { requests: [], roots: Number(rest) };
}

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly answers: readonly string[];
  readonly traces: readonly Tree[];
}

/** Runs a program with one of the tracers; its documents go to a daemon of the test's own. */
async function outcome(file: string, flags: readonly string[]): Promise<Outcome> {
  const { requests, roots } = programOf(file);
  await using daemon = await startFakeDaemon();
  const program = start([...flags, join(PROGRAMS, file)], {
    cwd: root,
    env: {
      AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${daemon.endpoint.port}`,
      AWS_XRAY_LOG_LEVEL: 'silent',
      OTEL_TRACES_SAMPLER: 'parentbased_always_on',
      OTEL_LOG_LEVEL: 'none',
    },
  });
  const answers: string[] = [];
  if (requests.length > 0) {
    const [, port] = await program.line(/^port (\d+)$/);
    for (const path of requests) {
      const response = await fetch(`http://127.0.0.1:${port}${path}`, {
        headers: { 'x-amzn-trace-id': HEADER },
      });
      answers.push(`${response.status} ${await response.text()}`);
    }
    const answered = (received: FakeDaemon): number =>
      finishedSegments(received).filter(({ parent_id: parent }) => parent === PARENT).length;
    await daemon.until((received) => answered(received) >= requests.length);
    program.child.kill();
  }
  const { code, stdout } = await program.finished;
  await daemon.until((received) => finishedSegments(received).length >= roots);
  return {
    code,
    stdout: stdout.replace(/^port \d+$/m, 'port'),
    answers,
    traces: traceTrees(daemon.flat()),
  };
}

/** Segments that are not subsegments and have ended. */
function finishedSegments(daemon: FakeDaemon): readonly SegmentDocument[] {
  return daemon.documents().filter(({ type, in_progress: open }) => type === undefined && !open);
}

describe('a program that uses the X-Ray SDK gives the same traces with the facade', () => {
  test.each(readdirSync(PROGRAMS).sort())('%s', async (file) => {
    const sdk = await outcome(file, []);
    const facade = await outcome(file, ['--import', join(root, 'register')]);
    expect(facade).toEqual(sdk);
  });
});
