import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { SAME_HEAP } from './load.ts';
import { scaled } from './quick.ts';
import type { Suite } from './suite.ts';

const root = join(import.meta.dirname, '../..');
const FOLDER = join(import.meta.dirname, '../peers/channels');
/**
 * Turns before the figures, for the compiler: after 15, the programs with the fewest calls had made 7,500, and
 * a fifth to a half of the figures of srvx was code that was not optimized yet.
 */
const WARM_UP = scaled(75, 15);
/** Subject without spans: what the library and Node.js take to publish on a channel that has subscribers. */
const FLOOR = 'no-op subscribers';
const TURNS = scaled(100, 20);

interface Program {
  /** Path in the folder of the programs. */
  readonly file: string;
  /** Passed to the program. */
  readonly args: readonly string[];
  readonly disabled?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Measures the CPU time that tracing adds to a call of a library: the times of two processes whose turns
 * alternate, because the speed of the machine varies more than the span of a call takes.
 *
 * Takes the means of the turns, not their medians: a turn allocates about as much as the young generation
 * holds, so that one with and one without a garbage collection differ by up to 17 µs per call.
 *
 * @returns microseconds
 */
async function addedPerCall(traced: Program, untraced: Program): Promise<number> {
  const processes: Process[] = [];
  try {
    for (const program of [traced, untraced]) processes.push(await started(program));
    for (let turn = 0; turn < WARM_UP + TURNS; turn += 1) {
      for (const { child, times } of processes) {
        child.send('turn');
        times.push(await answerOf(child));
      }
    }
    const [withSpan, without] = processes.map(({ times }) => mean(times.slice(WARM_UP)));
    return (withSpan ?? Number.NaN) - (without ?? Number.NaN);
  } finally {
    for (const { child } of processes) child.kill('SIGKILL');
  }
}

function mean(times: readonly number[]): number {
  return times.reduce((sum, time) => sum + time, 0) / times.length;
}

interface Process {
  readonly child: ChildProcess;
  /** Microseconds of a call in each turn. */
  readonly times: number[];
}

async function started({ file, args, disabled = '', env = {} }: Program): Promise<Process> {
  const child = fork(join(FOLDER, file), args, {
    cwd: FOLDER,
    execArgv: [...SAME_HEAP, '--import', join(root, 'dist/register.cjs')],
    env: {
      ...process.env,
      OTEL_SERVICE_NAME: 'bench',
      OTEL_TRACES_EXPORTER: 'none',
      OTEL_TRACES_SAMPLER: 'always_on',
      OTEL_NODE_DISABLED_INSTRUMENTATIONS: disabled,
      ...env,
    },
  });
  await answerOf(child);
  return { child, times: [] };
}

/** @throws {Error} if the process ends */
async function answerOf(child: ChildProcess): Promise<number> {
  const ended = new AbortController();
  const end = (code: number | null): void => ended.abort(new Error(`a program ended with ${code}`));
  child.once('exit', end);
  try {
    const [answer] = await once(child, 'message', { signal: ended.signal });
    return answer;
  } finally {
    child.off('exit', end);
  }
}

/** Compiles a program with its library into one file, in which only channels are traced. */
async function bundled(name: string): Promise<string> {
  const file = `.cache/${name}.cjs`;
  const build = await rolldown({
    cwd: FOLDER,
    input: join(FOLDER, `${name}.cjs`),
    platform: 'node',
    external: [/^@opentelemetry\//],
    logLevel: 'silent',
  });
  await build.write({ file: join(FOLDER, file), format: 'cjs' });
  await build.close();
  return file;
}

/** The program of mongoose finds the packages that the server needs in its own folder. */
function copyMongoServer(): void {
  mkdirSync(join(FOLDER, '.cache'), { recursive: true });
  cpSync(join(root, 'test/support/mongo-server.mjs'), join(FOLDER, '.cache/mongo-server.mjs'));
}

interface Channels {
  /** Name of its package, its program and its instrumentation. */
  readonly library: string;
  readonly name?: string;
  /** One call, in words. */
  readonly call: string;
  readonly subjects?: readonly string[];
  measure?(subject: string): Promise<number>;
}

/** Of a library that publishes and can be patched in the same version, unless `measure` is given. */
function suite({ library, name = library, call, subjects, measure }: Channels): Suite {
  const installed = existsSync(join(FOLDER, 'node_modules', library));
  const file = `${library}.cjs`;
  const inSameVersion = (subject: string): Promise<number> =>
    addedPerCall({ file, args: [subject] }, { file, args: [], disabled: library });
  return {
    name: `channels-${name}`,
    about:
      `CPU time that the spans of ${call} add, made of its tracing channels by otel-xray, or by the ` +
      'instrumentation that they replace',
    unit: 'µs per call',
    reference: 'instrumentation',
    must: 1,
    goal: 0.95,
    subjects: () => (installed ? (subjects ?? ['otel-xray', 'instrumentation']) : []),
    measure: measure ?? inSameVersion,
  };
}

/** @param result of the query */
function graphql(name: string, result: 'object' | 'list', call: string): Suite {
  return suite({
    library: 'graphql',
    name,
    call,
    subjects: ['otel-xray', 'instrumentation', FLOOR],
    measure(subject) {
      const program = { file: 'graphql.cjs', args: [subject, result] };
      const untraced = { ...program, disabled: 'graphql' };
      if (subject !== FLOOR) return addedPerCall(program, untraced);
      return addedPerCall(untraced, { ...untraced, args: ['', result] });
    },
  });
}

/**
 * Of a library without another instrumentation: compared with a middleware of the app that makes the same
 * span by hand. The plugin that publishes is part of what tracing by the channel costs.
 */
function byHand(library: string, call: string, env: Readonly<Record<string, string>> = {}): Suite {
  const file = `${library}.cjs`;
  const common = suite({
    library,
    call,
    subjects: ['otel-xray', 'by hand', FLOOR],
    measure: (subject) =>
      addedPerCall(
        { file, args: [subject], env, ...(subject !== 'otel-xray' && { disabled: library }) },
        { file, args: [], env, disabled: library },
      ),
  });
  return {
    ...common,
    about:
      `CPU time that the span of ${call} adds, made of its tracing channel by otel-xray, or by a middleware ` +
      'of the app that records route and errors as well',
    reference: 'by hand',
    must: 1.3,
    goal: 1,
  };
}

export const CHANNEL_SUITES: readonly Suite[] = [
  suite({ library: 'redis', call: 'a command of node-redis' }),
  suite({ library: 'mysql2', call: 'a query of mysql2' }),
  suite({ library: 'fastify', call: 'a request to Fastify without a socket' }),
  byHand('h3', 'a handler of h3'),
  byHand('srvx', 'a middleware of srvx', { OTEL_XRAY_MIDDLEWARE_SPANS: 'true' }),
  suite({
    library: 'mongoose',
    call: 'a query of mongoose without its driver',
    measure(subject) {
      copyMongoServer();
      const file = 'mongoose.cjs';
      return addedPerCall(
        { file, args: [subject], disabled: 'mongodb' },
        { file, args: [], disabled: 'mongodb,mongoose' },
      );
    },
  }),
  suite({
    library: 'ioredis',
    call: 'a command of ioredis (by its channels in a bundle only)',
    subjects: ['otel-xray', 'otel-xray, without a bundle', 'instrumentation'],
    async measure(subject) {
      const file = 'ioredis.cjs';
      const traced = subject === 'otel-xray' ? await bundled('ioredis') : file;
      return addedPerCall(
        { file: traced, args: [subject] },
        { file, args: [], disabled: 'ioredis' },
      );
    },
  }),
  graphql(
    'graphql',
    'object',
    'a query of graphql for an object (17 by channels, 16 instrumented)',
  ),
  graphql('graphql-list', 'list', 'a query of graphql for 100 objects (the same)'),
];
