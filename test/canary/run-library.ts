import { cpSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { SegmentDocument } from '../../src/translator/document.ts';
import type { AppRequest } from '../apps/server-run.ts';
import { traceText } from '../apps/trace-text.ts';
import { startFakeApis } from '../libraries/fake-apis.ts';
import { startFakeDaemon } from '../support/fake-daemon.ts';
import { startNatsServer } from '../support/nats-server.ts';
import type { App } from '../support/packed.ts';
import { type Finished, run, start } from '../support/run.ts';
import type { Bundler, Library } from './library.ts';

type Environment = Readonly<Record<string, string>>;

const TESTS = join(import.meta.dirname, '..');
/** Folders whose programs are copied beside the packages. */
const PROGRAMS: readonly string[] = ['canary/programs', 'apps/programs', 'libraries/programs'];
const MONGO_SERVER = 'support/mongo-server.mjs';

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
  library: Library,
  ports: Environment = {},
): Promise<string> {
  copyPrograms(app, library);
  return traceOf(app, library, argsOf(library), ports);
}

/** Does the same with a bundle of the program and its library, built with the plugin. */
export async function bundledTrace(
  app: App,
  library: Library,
  ports: Environment,
  bundler: Bundler,
): Promise<string> {
  copyPrograms(app, library);
  const built = await run(['bundle.mjs', bundler, ...argsOf(library)], { cwd: app.folder });
  if (built.code !== 0 || built.stderr !== '') throw new Error(built.stderr);
  return traceOf(app, library, ['bundle.out.mjs'], ports);
}

const argsOf = ({ name, args = [`${name}-app.mjs`] }: Library): readonly string[] => args;

function copyPrograms(app: App, { name, text }: Library): void {
  for (const folder of PROGRAMS) cpSync(join(TESTS, folder), app.folder, { recursive: true });
  cpSync(join(TESTS, MONGO_SERVER), join(app.folder, basename(MONGO_SERVER)));
  if (text !== undefined) app.file(`${name}-app.mjs`, text);
}

async function traceOf(
  app: App,
  library: Library,
  args: readonly string[],
  ports: Environment,
): Promise<string> {
  const { requests, env, fake, ignoresOutput = false } = library;
  await using daemon = await startFakeDaemon();
  await using server = await startFake(fake);
  const program = start(['--import', 'otel-xray/register', ...args], {
    cwd: app.folder,
    program: app.node,
    env: {
      ...ports,
      ...awsEnvironment(library, ports),
      ...server.env,
      AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${daemon.endpoint.port}`,
      // On a slow machine, the request to a metadata service that is not there logs that it took too long.
      AWS_EC2_METADATA_DISABLED: 'true',
      OTEL_SERVICE_NAME: 'shop',
      OTEL_TRACES_SAMPLER: 'always_on',
      AWS_XRAY_COLLECT_SQL_QUERIES: '1',
      ...env,
    },
  });
  let end: Finished;
  if (requests === undefined) end = await program.finished;
  else {
    const [, port] = await program.line(/^(?:listening on|port) (\d+)$/);
    for (const request of requests) await send(Number(port), request);
    end = await program.stop();
  }
  if (requests === undefined && !ignoresOutput && end.code !== 0) throw new Error(end.stderr);
  await daemon.drained();
  const all = [end.stdout, end.stderr].join('');
  const output = ignoresOutput ? '' : all.replace(/^(?:listening on|port) \d+\n/m, '');
  return normal([traceText(daemon.flat(), details), output].filter(Boolean).join('\n'));
}

/** Returns what the AWS SDK needs to call moto, a fake of the AWS APIs. */
function awsEnvironment({ servers = [] }: Library, ports: Environment): Environment {
  if (!servers.includes('moto')) return {};
  return {
    AWS_ACCESS_KEY_ID: 'id',
    AWS_ENDPOINT_URL: `http://127.0.0.1:${ports['PORT_moto']}`,
    AWS_SECRET_ACCESS_KEY: 'secret',
  };
}

interface Fake extends AsyncDisposable {
  readonly env: Environment;
}

async function startFake(fake: Library['fake']): Promise<Fake> {
  if (fake === undefined) return { env: {}, async [Symbol.asyncDispose]() {} };
  if (fake === 'apis') {
    const apis = await startFakeApis();
    return { ...apis, env: { URL_apis: apis.url } };
  }
  const nats = await startNatsServer();
  return { ...nats, env: { PORT_nats: String(nats.port) } };
}

async function send(port: number, { path, json, headers }: AppRequest): Promise<void> {
  const body = json && {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify(json),
  };
  const options = body ?? (headers && { headers }) ?? {};
  await (await fetch(`http://127.0.0.1:${port}${path}`, options)).text();
}

/** What the trace of a database or a message shows beyond its name. */
function details({ sql, metadata }: SegmentDocument): readonly (string | undefined)[] {
  const known = metadata?.['default'] as Readonly<Record<string, string>> | undefined;
  return [sql?.user, sql?.sanitized_query, known?.['db.operation.name'], known?.['db.query.text']];
}

/** Replaces what differs between runs (ids, times, ports, the name of the machine) or between releases (scripts). */
function normal(text: string): string {
  return `${text
    .replace(/"hostname":"[^"]*"/g, '"hostname":"HOST"')
    .replace(/"pid":\d+/g, '"pid":0')
    .replace(/\b(boss|jobs)_\d+/g, '$1_PID')
    .replace(/"time":(?:"[^"]*"|\d+)/g, '"time":"TIME"')
    .replace(/"(trace_id|span_id)":"[0-9a-f]+"/g, '"$1":"ID"')
    .replace(/evalsha [0-9a-f]{40} \[\d+ other arguments\]/g, 'evalsha SCRIPT')
    .replace(/\(CONNECTION_ID=[^)]*\)/g, '(CONNECTION_ID)')
    .replace(/1-[0-9a-f]{8}-[0-9a-f]{24}(?:@[0-9a-f]{16})?/g, 'TRACE')
    .replace(/(127\.0\.0\.1|localhost):\d+/g, '$1:PORT')
    .trimEnd()}\n`;
}
