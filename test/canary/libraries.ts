/**
 * One small program for each library, with the trace that it must have: `test/matrix/canary.matrix.ts` runs them with
 * the versions below, `npm run canary` with the newest ones.
 */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import type { SegmentDocument } from '../../src/translator/document.ts';
import { traceText } from '../apps/trace-text.ts';
import { CHANNEL_APPS } from '../matrix/channel-apps.ts';
import { DATABASE_APPS } from '../matrix/database-apps.ts';
import { startFakeDaemon } from '../support/fake-daemon.ts';
import { FRAMEWORK_APPS } from '../support/framework-apps.ts';
import type { App } from '../support/packed.ts';
import { type Finished, start } from '../support/run.ts';
import type { ServerName } from '../support/servers.ts';

export interface Library {
  /** Name of the instrumentation, of its program and of the golden file. */
  readonly name: string;
  readonly packageName: string;
  /** The newest version that the program was run with. */
  readonly version: string;
  /** Packages of the same release, which get the same version. */
  readonly family?: readonly string[];
  /** Other packages of the program. */
  readonly others?: readonly string[];
  /** The program, if it is not a file in `test/canary/programs`. */
  readonly text?: string;
  /** Path of a request to the program, which prints `listening on <port>`. */
  readonly request?: string;
  /** Whether what the program prints depends on the machine. */
  readonly ignoresOutput?: boolean;
  /** Servers that it needs. */
  readonly servers?: readonly ServerName[];
}

function framework(name: string): Pick<Library, 'name' | 'text' | 'request'> {
  const app = FRAMEWORK_APPS.find(({ file }) => file === `${name}.mjs`);
  if (app === undefined) throw new Error(`no program for ${name}`);
  return { name, text: app.text, request: '/shop/orders/7' };
}

export const LIBRARIES: readonly Library[] = [
  { name: 'bunyan', packageName: 'bunyan', version: '2.0.5' },
  {
    name: 'cucumber',
    packageName: '@cucumber/cucumber',
    version: '13.3.0',
    ignoresOutput: true,
  },
  { ...framework('express'), packageName: 'express', version: '5.3.0' },
  { ...framework('fastify'), packageName: 'fastify', version: '5.12.8' },
  { name: 'graphql', packageName: 'graphql', version: '17.1.0' },
  { ...framework('hapi'), packageName: '@hapi/hapi', version: '21.4.10' },
  {
    ...framework('hono'),
    packageName: 'hono',
    version: '4.13.19',
    others: ['@hono/node-server@2.1.8'],
  },
  {
    name: 'ioredis',
    packageName: 'ioredis',
    version: '6.0.0',
    text: CHANNEL_APPS['ioredis'] as string,
    servers: ['redis'],
  },
  {
    ...framework('koa'),
    packageName: 'koa',
    version: '3.3.0',
    others: ['@koa/router@15.7.0'],
  },
  {
    name: 'mysql2',
    packageName: 'mysql2',
    version: '3.24.6',
    text: CHANNEL_APPS['mysql2'] as string,
    servers: ['mariadb'],
  },
  {
    name: 'nestjs',
    packageName: '@nestjs/core',
    version: '12.5.1',
    family: ['@nestjs/common', '@nestjs/platform-express'],
    others: ['reflect-metadata@0.2.2', 'rxjs@7.8.2'],
  },
  { name: 'openai', packageName: 'openai', version: '7.59.0' },
  { name: 'oracledb', packageName: 'oracledb', version: '26.0.0' },
  {
    name: 'pg',
    packageName: 'pg',
    version: '8.23.1',
    text: DATABASE_APPS['pg'] as string,
    servers: ['postgres'],
  },
  { name: 'pino', packageName: 'pino', version: '10.4.0' },
  {
    name: 'redis',
    packageName: 'redis',
    version: '6.3.1',
    text: CHANNEL_APPS['redis'] as string,
    servers: ['redis'],
  },
  { name: 'winston', packageName: 'winston', version: '3.19.0' },
];

const PROGRAMS = join(import.meta.dirname, 'programs');

export function goldenFile({ name }: Library): string {
  return join(import.meta.dirname, 'golden', `${name}.txt`);
}

/** Returns what npm has to install for a version of a library. */
export function packagesOf(library: Library, version: string = library.version): readonly string[] {
  const { packageName, family = [], others = [] } = library;
  const same = [packageName, ...family].map((name) => `${name}@${version}`);
  return ['@opentelemetry/api@1.9.1', ...same, ...others];
}

/**
 * Runs the program of a library.
 *
 * @param ports of the servers, as environment variables
 * @returns its trace, and what it printed, without ids and ports
 */
export async function libraryTrace(
  app: App,
  { name, text, request, ignoresOutput = false }: Library,
  ports: Readonly<Record<string, string>> = {},
): Promise<string> {
  cpSync(PROGRAMS, app.folder, { recursive: true });
  if (text !== undefined) app.file(`${name}-app.mjs`, text);
  await using daemon = await startFakeDaemon();
  const program = start(['--import', 'otel-xray/register', `${name}-app.mjs`], {
    cwd: app.folder,
    program: app.node,
    env: {
      ...ports,
      AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${daemon.endpoint.port}`,
      OTEL_SERVICE_NAME: 'shop',
      OTEL_TRACES_SAMPLER: 'always_on',
      AWS_XRAY_COLLECT_SQL_QUERIES: '1',
    },
  });
  let end: Finished;
  if (request === undefined) end = await program.finished;
  else {
    const [, port] = await program.line(/^listening on (\d+)$/);
    await (await fetch(`http://127.0.0.1:${port}${request}`)).text();
    end = await program.stop();
  }
  await daemon.drained();
  const all = [end.stdout, end.stderr].join('');
  const output = ignoresOutput ? '' : all.replace(/^listening on \d+\n/m, '');
  return normal([traceText(daemon.flat(), details), output].filter(Boolean).join('\n'));
}

/** What the trace of a database or a message shows beyond its name. */
function details({ sql, metadata }: SegmentDocument): readonly (string | undefined)[] {
  const known = metadata?.['default'] as Readonly<Record<string, string>> | undefined;
  return [sql?.user, sql?.sanitized_query, known?.['db.operation.name'], known?.['db.query.text']];
}

/** Replaces what differs between runs: ids, times, ports and the name of the machine. */
function normal(text: string): string {
  return `${text
    .replace(/"hostname":"[^"]*"/g, '"hostname":"HOST"')
    .replace(/"pid":\d+/g, '"pid":0')
    .replace(/"time":(?:"[^"]*"|\d+)/g, '"time":"TIME"')
    .replace(/"(trace_id|span_id)":"[0-9a-f]+"/g, '"$1":"ID"')
    .replace(/\(CONNECTION_ID=[^)]*\)/g, '(CONNECTION_ID)')
    .replace(/1-[0-9a-f]{8}-[0-9a-f]{24}(?:@[0-9a-f]{16})?/g, 'TRACE')
    .replace(/(127\.0\.0\.1|localhost):\d+/g, '$1:PORT')
    .trimEnd()}\n`;
}
