import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { root } from '../../scripts/staleness.mjs';
import { type AwsEndpoint, type AwsRequest, startAwsEndpoint } from '../support/aws-endpoint.ts';
import { startFakeDaemon } from '../support/fake-daemon.ts';
import { headerNow } from '../support/lambda.ts';
import { hasRuntimeClient, startFunction } from '../support/lambda-function.ts';
import { normalDocuments } from '../support/normal-documents.ts';
import { type App, installApp } from '../support/packed.ts';
import { run, start } from '../support/run.ts';
import { hasServers, type ServerName, type Servers, startServers } from '../support/servers.ts';

const PROGRAMS = join(import.meta.dirname, '../apps/programs');
const BUILDS = join(import.meta.dirname, '../bundler/builds');
const GOLDEN = join(import.meta.dirname, 'golden/bundles');
const TSC = join(root, 'node_modules/typescript/bin/tsc');
const SERVERS: readonly ServerName[] = ['postgres', 'redis'];

const PACKAGES: readonly string[] = [
  '@aws-sdk/client-dynamodb@3.1169.0',
  '@aws-sdk/client-s3@3.1169.0',
  '@aws-sdk/client-sqs@3.1169.0',
  '@opentelemetry/api@1.9.1',
  '@rollup/plugin-commonjs@29.0.3',
  '@rollup/plugin-json@6.1.0',
  '@rollup/plugin-node-resolve@16.0.3',
  '@rspack/core@2.3.4',
  'esbuild@0.28.2',
  'express@5.3.0',
  'graphql@16.15.0',
  'ioredis@5.11.1',
  'pg@8.23.1',
  'rolldown@1.3.3',
  'rollup@4.68.8',
  'tsdown@0.23.7',
  'tsup@9.0.0',
  'typescript@5.9.3',
  'vite@8.4.0',
  'webpack@5.113.0',
];

interface Build {
  /** Name of the file in `test/bundler/builds`. */
  readonly bundler: string;
  readonly format: 'cjs' | 'esm';
  readonly minify?: boolean;
  /** Whether otel-xray is part of the bundle, and the bundle runs in a folder without packages. */
  readonly inside?: boolean;
}

const BUILD_TABLE: readonly Build[] = [
  { bundler: 'esbuild', format: 'cjs' },
  { bundler: 'esbuild', format: 'cjs', minify: true },
  { bundler: 'esbuild', format: 'esm' },
  { bundler: 'esbuild', format: 'esm', inside: true },
  { bundler: 'webpack', format: 'cjs' },
  { bundler: 'rspack', format: 'esm', minify: true },
  { bundler: 'rollup', format: 'esm' },
  { bundler: 'rolldown', format: 'cjs', minify: true },
  { bundler: 'vite', format: 'esm' },
  { bundler: 'tsup', format: 'cjs' },
  { bundler: 'tsdown', format: 'cjs', minify: true },
];

/** How the bundles of a Lambda function are built, and its twin without a bundle. */
const FUNCTIONS = [
  { tool: 'none', format: 'esm' },
  { tool: 'cdk', format: 'cjs' },
  { tool: 'cdk', format: 'esm' },
  { tool: 'sam', format: 'cjs' },
  { tool: 'inside', format: 'cjs' },
] as const;

const INSIDE_FUNCTION = `
import 'otel-xray/register';
import { wrapHandler } from 'otel-xray/lambda';
import { handler as own } from './order-function.mjs';
export const handler = wrapHandler(own);
`;

/** SQS checks the digest of what it stored. */
function respond({ headers, body }: AwsRequest): { body: string } {
  const isMessage = headers['x-amz-target'] === 'AmazonSQS.SendMessage';
  const text = isMessage ? String(JSON.parse(body.toString()).MessageBody) : '';
  const MD5OfMessageBody = createHash('md5').update(text).digest('hex');
  return { body: JSON.stringify(isMessage ? { MessageId: 'm1', MD5OfMessageBody } : {}) };
}

describe.runIf(hasServers(SERVERS))('an app of Express, PostgreSQL, Redis, AWS and GraphQL', () => {
  let app: App;
  /** A folder without packages. */
  let alone: string;
  let servers: Servers;
  let aws: AwsEndpoint;

  beforeAll(async () => {
    [app, servers, aws] = await Promise.all([
      installApp(...PACKAGES),
      startServers(SERVERS),
      startAwsEndpoint(respond),
    ]);
    for (const file of ['shop.mjs', 'order-function.mjs']) {
      cpSync(join(PROGRAMS, file), join(app.folder, file));
    }
    cpSync(BUILDS, app.folder, { recursive: true });
    const program = readFileSync(join(PROGRAMS, 'shop.mjs'), 'utf8');
    app.file('inside-function.mjs', INSIDE_FUNCTION);
    app.file('inside.mjs', `import 'otel-xray/register';\n${program}`);
    alone = mkdtempSync(join(tmpdir(), 'otel-xray-bundles-'));
    // Vite writes files of ES modules that end in `.js`.
    writeFileSync(join(alone, 'package.json'), '{ "type": "module" }');
  });
  afterAll(async () => {
    await Promise.all([servers?.[Symbol.asyncDispose](), aws?.[Symbol.asyncDispose]()]);
    app?.remove();
    rmSync(alone, { recursive: true, force: true });
  });

  /** Responses, output and documents of the program in a file. */
  async function visit(file: string, flags: readonly string[]) {
    await using daemon = await startFakeDaemon();
    const program = start([...flags, file], {
      cwd: app.folder,
      env: {
        AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${daemon.endpoint.port}`,
        AWS_ENDPOINT: aws.url,
        NODE_ENV: 'test',
        OTEL_SERVICE_NAME: 'shop',
        OTEL_TRACES_SAMPLER: 'always_on',
        PORT_postgres: String(servers.ports.postgres),
        PORT_redis: String(servers.ports.redis),
      },
    });
    const [, port] = await program.line(/^port (\d+)$/);
    const answers: string[] = [];
    for (const path of ['/orders/7', '/broken', '/missing']) {
      const response = await fetch(`http://127.0.0.1:${port}${path}`);
      answers.push(`${response.status} ${await response.text()}`);
    }
    const { stderr } = await program.stop();
    return { answers, stderr, documents: normalDocuments(daemon.flat()) };
  }

  const REGISTER = ['--import', 'otel-xray/register'];

  test('without a bundle', async () => {
    const { answers, stderr, documents } = await visit('shop.mjs', REGISTER);
    expect({ answers, stderr }).toEqual({
      answers: [
        '200 {"data":{"order":{"id":7,"total":30}}}',
        '500 {"message":"no basket"}',
        expect.stringMatching(/^404 .*Cannot GET/s),
      ],
      stderr: '',
    });
    await expect(`${JSON.stringify(documents, null, 2)}\n`).toMatchFileSnapshot(
      join(GOLDEN, 'shop.json'),
    );
  });

  test('the plugins have the types that the bundlers expect', async () => {
    const options = '--noEmit --strict --skipLibCheck --target es2023 --module nodenext';
    const checked = await run([TSC, ...options.split(' '), 'types.mts'], { cwd: app.folder });
    expect(checked).toMatchObject({ code: 0, stdout: '' });
  });

  test.for(BUILD_TABLE)('$bundler, $format, minify: $minify, inside: $inside', async (build) => {
    const { bundler, format, minify = false, inside = false } = build;
    const extension = format === 'esm' ? 'mjs' : 'cjs';
    const file = join(alone, `${bundler}${minify ? '.min' : ''}.${extension}`);
    const bundle = async (entry: string): Promise<void> => {
      const args = [`${bundler}.mjs`, entry, file, format, ...(minify ? ['minify'] : [])];
      expect(await run(args, { cwd: app.folder })).toMatchObject({ code: 0, stderr: '' });
    };
    await bundle('shop.mjs');
    const without = await visit(file, []);
    if (inside) await bundle('inside.mjs');
    const traced = await visit(file, inside ? [] : REGISTER);
    expect(traced).toMatchObject({ answers: without.answers, stderr: without.stderr });
    expect(without.documents).toEqual([]);
    await expect(`${JSON.stringify(traced.documents, null, 2)}\n`).toMatchFileSnapshot(
      join(GOLDEN, 'shop.json'),
    );
  });

  test.runIf(hasRuntimeClient()).for(FUNCTIONS)(
    'a Lambda function, $tool, $format, under the runtime client',
    async ({ tool, format }) => {
      const taskRoot = join(alone, tool, format);
      const file = join(taskRoot, `index.${format === 'esm' ? 'mjs' : 'cjs'}`);
      const entry = tool === 'inside' ? 'inside-function.mjs' : 'order-function.mjs';
      const args = ['lambda.mjs', entry, file, tool, format];
      const built = tool === 'none' ? undefined : await run(args, { cwd: app.folder });
      expect(built ?? { code: 0, stderr: '' }).toMatchObject({ code: 0, stderr: '' });
      // Lambda's runtime brings the AWS SDK.
      if (tool === 'cdk')
        symlinkSync(join(app.folder, 'node_modules'), join(taskRoot, 'node_modules'));
      const register = join(app.folder, 'node_modules/otel-xray/dist/register.cjs');
      await using fn = await startFunction({
        taskRoot: tool === 'none' ? app.folder : taskRoot,
        handler: tool === 'none' ? 'order-function.handler' : 'index.handler',
        env: {
          NODE_OPTIONS: tool === 'inside' ? '' : `--import ${register}`,
          AWS_ENDPOINT: aws.url,
          PORT_postgres: String(servers.ports.postgres),
          PORT_redis: String(servers.ports.redis),
        },
      });
      const answer = await fn.api.invoke({ event: { id: 7 }, trace: headerNow(1) });
      expect(answer.body).toBe('{"id":7,"total":30}');
      await fn.daemon.received(4);
      expect(fn.output()).toBe('');
      await expect(
        `${JSON.stringify(normalDocuments(fn.daemon.flat()), null, 2)}\n`,
      ).toMatchFileSnapshot(join(GOLDEN, 'order-function.json'));
    },
  );
});
