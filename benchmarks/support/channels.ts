import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { rolldown } from 'rolldown';
import type { Suite } from '../suites.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');
const peers = join(import.meta.dirname, '../peers');
const FOLDER = join(peers, 'channels');

interface Program {
  /** Path in the folder of the programs. */
  readonly file: string;
  /** Passed to the program. */
  readonly subject: string;
  readonly disabled?: string;
}

/** Runs a program with otel-xray that calls a library, and returns the CPU time of a call in microseconds. */
async function timeOf({ file, subject, disabled = '' }: Program): Promise<number> {
  const flags = ['--import', join(root, 'dist/register.cjs')];
  const { stdout } = await run(process.execPath, [...flags, file, subject], {
    cwd: FOLDER,
    env: {
      ...process.env,
      OTEL_SERVICE_NAME: 'bench',
      OTEL_TRACES_EXPORTER: 'none',
      OTEL_TRACES_SAMPLER: 'always_on',
      OTEL_NODE_DISABLED_INSTRUMENTATIONS: disabled,
    },
  });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}').microseconds ?? Number.NaN;
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
  readonly name: string;
  /** Name of its package, its program and its instrumentation. */
  readonly library: string;
  /** One call, in words. */
  readonly call: string;
  readonly subjects?: readonly string[];
  measure(subject: string): Promise<number>;
}

function suite({ name, library, call, subjects, measure }: Channels): Suite {
  const installed = existsSync(join(FOLDER, 'node_modules', library));
  return {
    name,
    about:
      `CPU time of ${call} with its span, made of its tracing channel by otel-xray, or by the ` +
      'instrumentation that the channel replaces',
    unit: 'µs per call',
    reference: 'instrumentation',
    must: 1,
    goal: 0.95,
    subjects: () => (installed ? (subjects ?? ['otel-xray', 'instrumentation', 'untraced']) : []),
    measure,
  };
}

/** Of a library that publishes and can be patched in the same version. */
function sameVersion(name: string, library: string, call: string, alsoDisabled = ''): Suite {
  const measure = (subject: string): Promise<number> => {
    const own = subject === 'untraced' ? library : '';
    const disabled = [own, alsoDisabled].filter(Boolean).join(',');
    return timeOf({ file: `${library}.cjs`, subject, disabled });
  };
  return suite({ name, library, call, measure });
}

export const CHANNEL_SUITES: readonly Suite[] = [
  sameVersion('channels', 'redis', 'a command of node-redis'),
  sameVersion('channels-mysql2', 'mysql2', 'a query of mysql2'),
  // The commands of the driver would be measured too.
  {
    ...sameVersion('channels-mongoose', 'mongoose', 'a query of mongoose', 'mongodb'),
    async measure(subject) {
      copyMongoServer();
      const disabled = subject === 'untraced' ? 'mongodb,mongoose' : 'mongodb';
      return timeOf({ file: 'mongoose.cjs', subject, disabled });
    },
  },
  suite({
    name: 'channels-ioredis',
    library: 'ioredis',
    call: 'a command of ioredis (its channels: in a bundle only)',
    subjects: ['otel-xray', 'otel-xray, without a bundle', 'instrumentation', 'untraced'],
    async measure(subject) {
      const file = subject === 'otel-xray' ? await bundled('ioredis') : 'ioredis.cjs';
      return timeOf({ file, subject, disabled: subject === 'untraced' ? 'ioredis' : '' });
    },
  }),
  {
    ...suite({
      name: 'channels-graphql',
      library: 'graphql',
      call: '',
      subjects: ['otel-xray', 'instrumentation'],
      async measure(subject) {
        const traced = await timeOf({ file: 'graphql.cjs', subject });
        return traced - (await timeOf({ file: 'graphql.cjs', subject, disabled: 'graphql' }));
      },
    }),
    about:
      'CPU time that the spans of a query add: made of the tracing channels of graphql 17 by otel-xray, or ' +
      'by the instrumentation of graphql 16',
  },
];
