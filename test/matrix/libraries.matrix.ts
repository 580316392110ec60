import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkTrace, traced } from '../libraries/check-trace.ts';
import { type FakeApis, startFakeApis } from '../libraries/fake-apis.ts';
import { type NatsServer, startNatsServer } from '../support/nats-server.ts';
import { type App, installApp } from '../support/packed.ts';
import { hasServers, type Servers, startServers } from '../support/servers.ts';

const PROGRAMS = join(import.meta.dirname, '../libraries/programs');

const PACKAGES: readonly string[] = [
  '@opentelemetry/api@1.9.1',
  '@ai-sdk/openai@4.0.118',
  '@ai-sdk/otel@1.0.173',
  '@anthropic-ai/sdk@1.14.0',
  'ai-6@npm:ai@6.0.326',
  'ai-sdk-openai-3@npm:@ai-sdk/openai@3.0.141',
  'ai@7.0.173',
  '@elastic/elasticsearch@9.5.1',
  '@google/genai@3.3.0',
  '@langchain/anthropic@1.5.11',
  '@langchain/core@1.4.0',
  '@langchain/langgraph@1.7.3',
  '@langchain/openai@1.6.0',
  '@mistralai/mistralai@2.7.0',
  '@modelcontextprotocol/client@2.4.0',
  '@modelcontextprotocol/node@2.1.2',
  '@modelcontextprotocol/sdk@1.32.2',
  '@modelcontextprotocol/server@2.4.0',
  '@nats-io/transport-node@3.4.0',
  '@openai/agents@0.20.0',
  '@opensearch-project/opensearch@3.9.0',
  'aedes@1.2.0',
  'better-sqlite3@13.2.0',
  'cohere-ai@8.1.0',
  'groq-sdk@1.6.0',
  'langchain@1.5.14',
  'mqtt@5.16.0',
  'nats@2.29.3',
  'nodemailer@10.6.1',
  'ollama@0.6.4',
  'openai@7.59.0',
  'postgres@3.4.9',
  'smtp-server@3.21.6',
  'together-ai@0.52.0',
];

/** Some programs load ten clients, three times, on machines that may be slow. */
const SEVERAL_CLIENTS_MS = 300_000;

let app: App;
beforeAll(async () => {
  app = await installApp(...PACKAGES);
  cpSync(PROGRAMS, app.folder, { recursive: true });
});
afterAll(() => app?.remove());

describe.each(['better-sqlite3', 'mcp', 'mcp-2', 'mqtt', 'nodemailer'])('%s', (name) => {
  test('has the trace that its users expect, and behaves as without otel-xray', () =>
    checkTrace(app, name));
});

describe('with a fake of their APIs', () => {
  let apis: FakeApis;
  beforeAll(async () => {
    apis = await startFakeApis();
  });
  afterAll(() => apis?.[Symbol.asyncDispose]());

  test.each([
    'openai',
    'openai-compatible',
    'anthropic',
    'chat-clients',
    'ai-sdk',
    'ai-sdk-6',
    'ai-sdk-otel',
    'google-genai',
    'langchain',
    'langgraph',
    'openai-agents',
    'search',
    'model-errors',
  ])(
    '%s has the trace that its users expect',
    (name) => checkTrace(app, name, { URL_apis: apis.url }),
    SEVERAL_CLIENTS_MS,
  );

  test.each([
    'openai',
    'openai-compatible',
    'chat-clients',
    'ai-sdk',
    'ai-sdk-otel',
    'google-genai',
  ])('prompts and answers of %s are recorded if they are asked for', async (name) => {
    const { documents } = await traced(app, 'run.mjs', name, {
      URL_apis: apis.url,
      OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: 'true',
    });
    const metadata = documents.map((document) => document.metadata?.['default'] ?? {});
    const texts = (key: string): string => JSON.stringify(metadata.map((each) => each[key]));
    expect(texts('gen_ai.input.messages')).toContain('secret question');
    expect(texts('gen_ai.output.messages')).toContain('secret answer');
  });

  test('calls of chat-clients have their provider and the reason of their end', async () => {
    const { documents } = await traced(app, 'run.mjs', 'chat-clients', { URL_apis: apis.url });
    const ends = documents.map(({ metadata }) => {
      const { 'gen_ai.provider.name': provider, 'gen_ai.response.finish_reasons': reasons } =
        metadata?.['default'] ?? {};
      return `${provider} ${reasons}`;
    });
    expect([...new Set(ends)].sort()).toEqual([
      'cohere COMPLETE',
      'cohere undefined',
      'mistral_ai stop',
      'mistral_ai undefined',
      'ollama stop',
      'ollama undefined',
      'undefined undefined',
    ]);
  });
});

describe('with a server that speaks the protocol of NATS', () => {
  let server: NatsServer;
  beforeAll(async () => {
    server = await startNatsServer();
  });
  afterAll(() => server?.[Symbol.asyncDispose]());

  test.each(['nats', 'nats-core'])('%s has the trace that its users expect', (name) =>
    checkTrace(app, name, { PORT_nats: String(server.port) }),
  );
});

describe.runIf(hasServers(['postgres']))('with PostgreSQL', () => {
  let servers: Servers;
  beforeAll(async () => {
    servers = await startServers(['postgres']);
  });
  afterAll(() => servers?.[Symbol.asyncDispose]());

  test('postgres has the trace that its users expect', () =>
    checkTrace(app, 'postgres', { PORT_postgres: String(servers.ports.postgres) }));
});
