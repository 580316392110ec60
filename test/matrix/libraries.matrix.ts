import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SegmentDocument } from '../../src/translator/document.ts';
import { traceText } from '../apps/trace-text.ts';
import { type FakeApis, startFakeApis } from '../libraries/fake-apis.ts';
import { startFakeDaemon } from '../support/fake-daemon.ts';
import { type NatsServer, startNatsServer } from '../support/nats-server.ts';
import { type App, installApp } from '../support/packed.ts';
import { run } from '../support/run.ts';
import { hasServers, type Servers, startServers } from '../support/servers.ts';

const PROGRAMS = join(import.meta.dirname, '../libraries/programs');
const GOLDEN = join(import.meta.dirname, 'golden/libraries');

const PACKAGES: readonly string[] = [
  '@opentelemetry/api@1.9.1',
  '@ai-sdk/openai@4.0.118',
  '@ai-sdk/otel@1.0.173',
  '@anthropic-ai/sdk@1.14.0',
  '@prisma/adapter-pg@7.10.0',
  '@prisma/client@7.10.0',
  '@prisma/instrumentation@7.10.0',
  'ai@7.0.173',
  '@elastic/elasticsearch@9.5.1',
  '@google/genai@3.3.0',
  '@langchain/core@1.4.0',
  '@langchain/openai@1.6.0',
  '@modelcontextprotocol/client@2.4.0',
  '@modelcontextprotocol/node@2.1.2',
  '@modelcontextprotocol/sdk@1.32.2',
  '@modelcontextprotocol/server@2.4.0',
  '@nats-io/transport-node@3.4.0',
  '@opensearch-project/opensearch@3.9.0',
  'aedes@1.2.0',
  'better-sqlite3@13.2.0',
  'mqtt@5.16.0',
  'nats@2.29.3',
  'nodemailer@10.6.1',
  'openai@7.59.0',
  'pg@8.23.1',
  'postgres@3.4.9',
  'prisma@7.10.0',
  'smtp-server@3.21.6',
];

let app: App;
beforeAll(async () => {
  app = await installApp(...PACKAGES);
  cpSync(PROGRAMS, app.folder, { recursive: true });
});
afterAll(() => app?.remove());

type Environment = Readonly<Record<string, string>>;

/** Runs a program; `runner` is `run.mjs`, which imports its libraries, or `run.cjs`. */
async function traced(runner: string, name: string, env: Environment = {}) {
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

function untraced(runner: string, name: string, env: Environment = {}) {
  return run([runner, name], { cwd: app.folder, env });
}

/** The span of embeddings, here first with its children, and its request start at the same time. */
function readableTrace(documents: Parameters<typeof traceText>[0]): string {
  return `${traceText(documents, sqlOf)}\n`.replace(
    /^( *)(127\.0\.0\.1 {2}remote {2}POST \/v1\/embeddings 200\n)(\1embeddings .*\n(?:\1 +.*\n)*)/gm,
    '$3$1$2',
  );
}

/** The program behaves as without us, and imported or required it has the same trace. */
async function checkTrace(name: string, env: Environment = {}): Promise<void> {
  const without = await untraced('run.mjs', name, env);
  const esm = await traced('run.mjs', name, env);
  const cjs = await traced('run.cjs', name, env);
  expect({ esm: outcome(esm), cjs: outcome(cjs) }).toEqual({
    esm: outcome(without),
    cjs: outcome(without),
  });
  expect(without.code).toBe(0);
  const text = readableTrace(esm.documents);
  expect(JSON.stringify(esm.documents)).not.toContain('secret');
  await expect(text).toMatchFileSnapshot(join(GOLDEN, `${name}.txt`));
  expect(readableTrace(cjs.documents)).toBe(text);
}

/** Makes the client of the schema; the engine that this would download is not needed for that. */
async function installPrisma(): Promise<void> {
  const cli = join(app.folder, 'node_modules/prisma/build/index.js');
  const end = await run([cli, 'generate'], {
    cwd: app.folder,
    env: { PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, CHECKPOINT_DISABLE: '1' },
  });
  expect(end).toMatchObject({ code: 0 });
  app.file('generated/package.json', JSON.stringify({ type: 'module' }));
}

function outcome({ code, stdout, stderr }: Awaited<ReturnType<typeof run>>) {
  return { code, stdout, stderr };
}

function sqlOf({ sql }: SegmentDocument): readonly (string | undefined)[] {
  return [sql?.sanitized_query];
}

describe.each(['better-sqlite3', 'mcp', 'mcp-2', 'mqtt', 'nodemailer'])('%s', (name) => {
  test('has the trace that its users expect, and behaves as without us', () => checkTrace(name));
});

describe('with a fake of their APIs', () => {
  let apis: FakeApis;
  beforeAll(async () => {
    apis = await startFakeApis();
  });
  afterAll(() => apis?.[Symbol.asyncDispose]());

  test.each([
    'openai',
    'anthropic',
    'ai-sdk',
    'ai-sdk-otel',
    'google-genai',
    'langchain',
    'search',
  ])('%s has the trace that its users expect', (name) => checkTrace(name, { URL_apis: apis.url }));

  test.each(['openai', 'ai-sdk', 'ai-sdk-otel', 'google-genai'])(
    'prompts and answers of %s are recorded if they are asked for',
    async (name) => {
      const { documents } = await traced('run.mjs', name, {
        URL_apis: apis.url,
        OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: 'true',
      });
      const metadata = documents.map((document) => document.metadata?.['default'] ?? {});
      const texts = (key: string): string => JSON.stringify(metadata.map((each) => each[key]));
      expect(texts('gen_ai.input.messages')).toContain('secret question');
      expect(texts('gen_ai.output.messages')).toContain('secret answer');
    },
  );
});

describe('with a server that speaks the protocol of NATS', () => {
  let server: NatsServer;
  beforeAll(async () => {
    server = await startNatsServer();
  });
  afterAll(() => server?.[Symbol.asyncDispose]());

  test.each(['nats', 'nats-core'])('%s has the trace that its users expect', (name) =>
    checkTrace(name, { PORT_nats: String(server.port) }),
  );
});

describe.runIf(hasServers(['postgres']))('with PostgreSQL', () => {
  let servers: Servers;
  beforeAll(async () => {
    servers = await startServers(['postgres']);
  });
  afterAll(() => servers?.[Symbol.asyncDispose]());

  beforeAll(async () => {
    await installPrisma();
  });

  test.each(['postgres', 'prisma', 'prisma-instrumented'])(
    '%s has the trace that its users expect',
    (name) => checkTrace(name, { PORT_postgres: String(servers.ports.postgres) }),
  );
});
