import { chmodSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import type { SegmentDocument } from '../../src/translator/document.ts';
import { type FakeDaemon, startFakeDaemon } from '../support/fake-daemon.ts';
import { headerNow } from '../support/lambda.ts';
import { hasRuntimeClient, startFunction } from '../support/lambda-function.ts';
import { startMetadata } from '../support/metadata.ts';
import { type App, installApp } from '../support/packed.ts';
import { ECS_CONTAINER, ecsTask, IMDS } from '../support/places.ts';
import { type Running, start } from '../support/run.ts';

const EXAMPLES = resolve(import.meta.dirname, '../../examples');

/** The examples with the package installed. */
let app: App;
let daemon: FakeDaemon;
beforeAll(async () => {
  app = await installApp();
  cpSync(EXAMPLES, join(app.folder, 'examples'), { recursive: true });
  daemon = await startFakeDaemon();
});
afterAll(async () => {
  await daemon.close();
  app.remove();
});

function text(name: string): string {
  return readFileSync(join(EXAMPLES, name), 'utf8');
}

/** Returns the arguments of `node` in the command of a Dockerfile. */
function commandOf(folder: string): readonly string[] {
  const [, command = ''] = /^CMD (\[.*\])$/m.exec(text(`${folder}/Dockerfile`)) ?? [];
  return JSON.parse(command).slice(1);
}

type Env = Readonly<Record<string, string>>;

/** Starts an example with the environment of its platform, on any port. */
async function run(
  folder: string,
  args: readonly string[],
  env: Env,
): Promise<Running & { readonly url: string }> {
  const running = start(args, {
    cwd: join(app.folder, 'examples', folder),
    env: {
      AWS_EC2_METADATA_DISABLED: 'true',
      ...env,
      PORT: '0',
      AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${daemon.endpoint.port}`,
      OTEL_TRACES_SAMPLER: 'always_on',
    },
  });
  const [, port] = await running.line(/^listening on (\d+)$/);
  return { ...running, url: `http://127.0.0.1:${port}` };
}

/** Returns the parts of a document that the tests compare. */
function outline(name: string): unknown {
  return daemon
    .flat()
    .filter((document) => document.name === name)
    .map(({ origin, http, fault }: SegmentDocument) => ({
      origin,
      url: http?.request?.url?.replace(/^http:\/\/[^/]+/, ''),
      status: http?.response?.status,
      fault,
    }));
}

function named(env: readonly { name: string; value?: string }[]): Env {
  return Object.fromEntries(env.map(({ name, value = '' }) => [name, value]));
}

test('ECS on Fargate: each request is a segment with the origin of Fargate', async () => {
  await using metadata = await startMetadata({
    'GET /v4/x': ECS_CONTAINER,
    'GET /v4/x/task': ecsTask('FARGATE', 'arn:aws:ecs:eu-west-1:123456789012:cluster/shop'),
  });
  const [, container] = JSON.parse(text('ecs-fargate/task-definition.json')).containerDefinitions;
  const shop = await run('ecs-fargate', commandOf('ecs-fargate'), {
    ...named(container.environment),
    OTEL_SERVICE_NAME: 'shop-on-ecs',
    ECS_CONTAINER_METADATA_URI_V4: `${metadata.url}/v4/x`,
    AWS_EXECUTION_ENV: 'AWS_ECS_FARGATE',
  });
  expect(await (await fetch(`${shop.url}/orders/7`)).json()).toMatchObject({ id: '7' });
  expect((await fetch(`${shop.url}/orders/8`)).status).toBe(404);
  expect(await shop.stop()).toMatchObject({ code: 0, stderr: '' });
  await daemon.until(() => (outline('shop-on-ecs') as unknown[]).length === 2);
  expect(outline('shop-on-ecs')).toEqual([
    { origin: 'AWS::ECS::Fargate', url: '/orders/7', status: 200, fault: undefined },
    { origin: 'AWS::ECS::Fargate', url: '/orders/8', status: 404, fault: undefined },
  ]);
});

test('Docker compose: both services in one trace', async () => {
  const { services } = parse(text('docker-compose/compose.yaml'));
  const stock = await run(
    'docker-compose/stock',
    commandOf('docker-compose/stock'),
    services.stock.environment,
  );
  const front = await run('docker-compose/front', commandOf('docker-compose/front'), {
    ...services.front.environment,
    STOCK_URL: stock.url,
  });
  const answer = await fetch(`${front.url}/stock/kettle`);
  expect(await answer.text()).toBe('front: 3 left');
  await Promise.all([front.stop(), stock.stop()]);
  await daemon.until(() =>
    ['front', 'stock'].every((name) => (outline(name) as unknown[]).length === 1),
  );
  const all = daemon.flat();
  const [caller, callee] = ['front', 'stock'].map((name) => all.find((each) => each.name === name));
  const call = all.find(({ parent_id }) => parent_id === caller?.id);
  expect(call).toMatchObject({ namespace: 'remote', trace_id: caller?.trace_id });
  expect(callee).toMatchObject({ parent_id: call?.id, trace_id: caller?.trace_id });
});

test('Elastic Beanstalk: a request is a segment', async () => {
  const [, command = ''] = /^web: node (.*)$/m.exec(text('elastic-beanstalk/Procfile')) ?? [];
  const options = parse(text('elastic-beanstalk/.ebextensions/xray.config')).option_settings;
  const shop = await run('elastic-beanstalk', command.split(' '), {
    ...options['aws:elasticbeanstalk:application:environment'],
    OTEL_SERVICE_NAME: 'shop-on-beanstalk',
  });
  expect(await (await fetch(`${shop.url}/x`)).text()).toBe('hello from /x\n');
  await shop.stop();
  await daemon.until(() => (outline('shop-on-beanstalk') as unknown[]).length === 1);
  expect(outline('shop-on-beanstalk')).toEqual([
    { origin: undefined, url: '/x', status: 200, fault: undefined },
  ]);
});

test('EC2 with systemd: a request is a segment with the origin of EC2', async () => {
  await using metadata = await startMetadata(IMDS);
  const unit = text('ec2-systemd/shop.service');
  const [, command = ''] = /^ExecStart=\/usr\/bin\/node (.*)$/m.exec(unit) ?? [];
  const env = [...unit.matchAll(/^Environment=(\w+)=(.*)$/gm)].map(([, name, value]) => [
    name,
    value,
  ]);
  const shop = await run('ec2-systemd', command.split(' '), {
    ...Object.fromEntries(env),
    OTEL_SERVICE_NAME: 'shop-on-ec2',
    AWS_EC2_METADATA_DISABLED: 'false',
    AWS_EC2_METADATA_SERVICE_ENDPOINT: metadata.url,
  });
  expect(await (await fetch(shop.url)).text()).toBe('shop 1.0.0\n');
  // A process that exits does not wait for the metadata service.
  await daemon.until(() => (outline('shop-on-ec2') as unknown[]).length === 1);
  await shop.stop();
  expect(outline('shop-on-ec2')).toEqual([
    { origin: 'AWS::EC2::Instance', url: '/', status: 200, fault: undefined },
  ]);
});

test('EKS: a request is sent to the daemon of the node', async () => {
  const [deployment] = parseAllDocuments(text('eks/app.yaml')).map((each) => each.toJS());
  const [container] = deployment.spec.template.spec.containers;
  const shop = await run('eks', commandOf('eks'), {
    ...named(container.env),
    OTEL_SERVICE_NAME: 'shop-on-eks',
  });
  expect((await fetch(`${shop.url}/orders/7`)).status).toBe(200);
  expect(await shop.stop()).toMatchObject({ code: 0 });
  await daemon.until(() => (outline('shop-on-eks') as unknown[]).length === 1);
  const document = daemon.flat().find(({ name }) => name === 'shop-on-eks');
  expect(document?.aws?.eks).toMatchObject({ cluster_name: 'prod' });
});

describe('App Runner', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'otel-xray-runner-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** Fake daemon program: records its arguments and waits to be stopped. */
  function daemonProgram(): { readonly path: string; readonly calls: () => string } {
    const path = join(folder, 'xray');
    const log = join(folder, 'calls');
    writeFileSync(
      path,
      `#!/bin/sh\necho "$*" >>${log}\ntrap 'echo ended >>${log}; exit 0' TERM\nwhile :; do sleep 0.05; done\n`,
    );
    chmodSync(path, 0o755);
    return { path, calls: () => readFileSync(log, 'utf8') };
  }

  test('the start script of the container runs daemon and app, and stops both', async () => {
    const program = daemonProgram();
    const [service] = Object.values(
      parse(text('app-runner/template.yaml'), { logLevel: 'silent' }).Resources,
    ).filter((each) => (each as { Type: string }).Type === 'AWS::AppRunner::Service') as {
      Properties: {
        SourceConfiguration: {
          ImageRepository: {
            ImageConfiguration: { RuntimeEnvironmentVariables: { Name: string; Value: string }[] };
          };
        };
      };
    }[];
    const variables =
      service?.Properties.SourceConfiguration.ImageRepository.ImageConfiguration
        .RuntimeEnvironmentVariables ?? [];
    const running = start(['start.sh'], {
      program: 'sh',
      cwd: join(app.folder, 'examples/app-runner'),
      env: {
        ...named(variables.map(({ Name, Value }) => ({ name: Name, value: Value }))),
        PATH: `${resolve(process.execPath, '..')}:${process.env['PATH']}`,
        OTEL_SERVICE_NAME: 'shop-on-app-runner',
        XRAY_DAEMON: program.path,
        PORT: '0',
        AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${daemon.endpoint.port}`,
        OTEL_TRACES_SAMPLER: 'always_on',
      },
    });
    const [, port] = await running.line(/^listening on (\d+)$/);
    expect((await fetch(`http://127.0.0.1:${port}/broken`)).status).toBe(500);
    expect(await running.stop()).toMatchObject({ code: 0 });
    await daemon.until(() => (outline('shop-on-app-runner') as unknown[]).length === 1);
    expect(outline('shop-on-app-runner')).toEqual([
      { origin: 'AWS::AppRunner::Service', url: '/broken', status: 500, fault: true },
    ]);
    expect(program.calls()).toBe(
      '--local-mode --log-level warn --bind 127.0.0.1:2000 --bind-tcp 127.0.0.1:2000\nended\n',
    );
  });
});

describe.runIf(hasRuntimeClient())('Lambda', () => {
  const { Globals, Resources } = parse(text('lambda-sam/template.yaml'), { logLevel: 'silent' });

  async function invoke(resource: string, event: unknown): Promise<[string, SegmentDocument[]]> {
    await using fn = await startFunction({
      handler: Resources[resource].Properties.Handler,
      taskRoot: join(app.folder, 'examples/lambda-sam/src'),
      env: Globals.Function.Environment.Variables,
      cwd: join(app.folder, 'examples/lambda-sam/src'),
    });
    const { body } = await fn.api.invoke({ event, trace: headerNow(3) });
    await fn.daemon.received(1);
    return [body, [...fn.daemon.flat()]];
  }

  test('the order function handles a request', async () => {
    const [body, [document]] = await invoke('Orders', {
      version: '2.0',
      routeKey: 'GET /orders/{id}',
      rawPath: '/orders/9',
      headers: { host: 'shop.example.com' },
      pathParameters: { id: '9' },
      requestContext: { http: { method: 'GET', path: '/orders/9' } },
    });
    expect(body).toBe('{"statusCode":404,"body":"no such order"}');
    expect(document).toMatchObject({
      type: 'subsegment',
      error: true,
      http: { request: { url: 'https://shop.example.com/orders/9' }, response: { status: 404 } },
    });
  });

  test('the packing function handles a batch', async () => {
    const [body, documents] = await invoke('Pack', {
      Records: ['whole', 'broken'].map((each, index) => ({
        messageId: `m${index}`,
        body: each,
        eventSource: 'aws:sqs',
        eventSourceARN: 'arn:aws:sqs:eu-west-1:123456789012:parcels',
        attributes: { AWSTraceHeader: headerNow(index + 4) },
      })),
    });
    expect(body).toBe('{"batchItemFailures":[{"itemIdentifier":"m1"}]}');
    expect(documents.find(({ name }) => name === 'parcels')?.links).toHaveLength(2);
  });
});
