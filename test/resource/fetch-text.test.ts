import { execFileSync, spawn } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { context } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { isTracingSuppressed } from '@opentelemetry/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fetchText } from '../../src/resource/fetch-text.ts';
import { hasCommand } from '../support/checkers.ts';
import { detectWithoutLimit, resourceDeps, startMetadata } from '../support/metadata.ts';
import { EKS_CA_FILE, EKS_CLUSTER_INFO, EKS_FILES, EKS_TOKEN } from '../support/places.ts';

test('a request is not traced', async () => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  await using double = await startMetadata({ 'GET /x': 'body' });
  const suppressed: boolean[] = [];
  const look = (): void => {
    suppressed.push(isTracingSuppressed(context.active()));
  };
  subscribe('http.client.request.start', look);
  const body = await fetchText({ url: `${double.url}/x` }, 600_000);
  unsubscribe('http.client.request.start', look);
  context.disable();
  expect([body, suppressed]).toEqual(['body', [true]]);
});

test('a request can have a shorter time limit, but not a longer one', async () => {
  await using double = await startMetadata({ 'GET /x': 'hang' });
  const url = `${double.url}/x`;
  await expect(fetchText({ url, limitMs: 20 }, 60_000)).rejects.toThrow(
    `GET ${url}: no response within 20 ms`,
  );
  await expect(fetchText({ url, limitMs: 60_000 }, 30)).rejects.toThrow('no response within 30 ms');
});

test('a pending request does not keep the process alive', async () => {
  await using double = await startMetadata({ 'GET /x': 'hang' });
  const file = resolve(import.meta.dirname, '../../src/resource/fetch-text.ts');
  const code = `
    const { fetchText } = await import(${JSON.stringify(file)});
    fetchText({ url: ${JSON.stringify(`${double.url}/x`)} }, 600_000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: 'inherit' });
  expect(await once(child, 'exit')).toEqual([0, null]);
});

describe.runIf(hasCommand('openssl', 'version'))('the Kubernetes API over TLS', () => {
  const folder = mkdtempSync(join(tmpdir(), 'otel-xray-tls-'));
  const file = (name: string): string => join(folder, name);
  let server: ReturnType<typeof createServer>;
  const authorizations: unknown[] = [];

  beforeAll(async () => {
    execFileSync(
      'openssl',
      [
        ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
        ...['-keyout', file('key.pem'), '-out', file('cert.pem'), '-days', '1'],
        ...['-subj', '/CN=kube-apiserver', '-addext', 'subjectAltName=IP:127.0.0.1'],
      ],
      { stdio: 'ignore' },
    );
    const tls = { key: readFileSync(file('key.pem')), cert: readFileSync(file('cert.pem')) };
    server = createServer(tls, (request, response) => {
      authorizations.push(request.headers.authorization);
      const known = request.url === EKS_CLUSTER_INFO;
      response.writeHead(known ? 200 : 404).end('{"data":{"cluster.name":"prod"}}');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterAll(() => {
    server.close();
    rmSync(folder, { recursive: true });
  });

  function podIn(files: Readonly<Record<string, string>>): ReturnType<typeof resourceDeps> {
    const { port } = server.address() as AddressInfo;
    return resourceDeps({
      env: { KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: `${port}` },
      files: { ...EKS_FILES, ...files },
    });
  }

  test('the certificate of the cluster is trusted, and the token of the pod is sent', async () => {
    const deps = podIn({ [EKS_CA_FILE]: readFileSync(file('cert.pem'), 'utf8') });
    const found = await detectWithoutLimit(['eks'], deps).detectAll();
    expect(found['k8s.cluster.name']).toBe('prod');
    expect(authorizations).toEqual([`Bearer ${EKS_TOKEN}`]);
    expect(deps.warnings).toEqual([]);
  });

  test('the token is not sent to a server with an untrusted certificate', async () => {
    authorizations.length = 0;
    const deps = podIn({});
    const found = await detectWithoutLimit(['eks'], deps).detectAll();
    expect(found['k8s.cluster.name']).toBeUndefined();
    expect(authorizations).toEqual([]);
    expect(deps.warnings).toEqual([expect.stringMatching(/self-signed certificate/)]);
  });
});
