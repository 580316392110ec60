import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startLocalXRay } from '../../src/local/index.ts';
import { logFilesOf, logLines } from '../../src/local/server/log-lines.ts';
import { builtPage } from '../../src/local/server/page-files.ts';
import { feed } from './support/feed.ts';
import { pageDirectory } from './support/page-directory.ts';
import { entityId, traceIdOf } from './support/shop.ts';

const MAX_BYTES = 250_000;

test('the page is small and refers to nothing external', async () => {
  const directory = await pageDirectory();
  const files = readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  const bytes = files.reduce((sum, file) => sum + statSync(file).size, 0);
  process.stdout.write(`page: ${bytes} bytes in ${files.length} files\n`);
  expect(bytes).toBeLessThanOrEqual(MAX_BYTES);
  const html = readFileSync(join(directory, 'index.html'), 'utf8');
  expect(html).not.toMatch(/<script(?![^>]* src="\.\/)|<style|style="|https?:/);
  const styles = files
    .filter((file) => file.endsWith('.css'))
    .map((file) => readFileSync(file, 'utf8'));
  expect(styles.join('')).not.toMatch(/url\(|@import/);
});

test('the page may run and load only its own files', async () => {
  const xray = await startLocalXRay({ port: 0, pageDirectory: await pageDirectory() });
  onTestFinished(() => xray.close());
  const response = await fetch(`${xray.url}/`);
  const policy = response.headers.get('content-security-policy') ?? '';
  expect(Object.fromEntries(policy.split('; ').map((rule) => rule.split(/ (.*)/s, 2)))).toEqual({
    'default-src': "'none'",
    'script-src': "'self'",
    'style-src': "'self'",
    'img-src': "'self'",
    'connect-src': "'self'",
    'base-uri': "'none'",
    'form-action': "'none'",
    'frame-ancestors': "'none'",
    'require-trusted-types-for': "'script'",
    'trusted-types': 'map-layout',
  });
});

test('the built page is found beside the bundle, beside its chunks, and from the sources', async () => {
  const root = mkdtempSync(join(tmpdir(), 'otel-xray-dist-'));
  expect(builtPage(root)).toBe(undefined);
  mkdirSync(join(root, 'dist/page/assets'), { recursive: true });
  const page = join(root, 'dist/page');
  expect(
    ['dist', 'dist/chunks', 'src/local/server'].map((at) => builtPage(join(root, at))),
  ).toEqual([page, page, page]);
});

test('only existing files count as log files', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'otel-xray-logs-')), 'a.log');
  writeFileSync(file, '');
  expect(logFilesOf(`/ecs/no-such-group, ${file} ,`)).toEqual([file]);
  expect(logFilesOf(undefined)).toEqual([]);
});

test('log lines are found by both forms of the id; a missing file has none', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'otel-xray-logs-')), 'a.log');
  const id = traceIdOf(5);
  const w3c = id.slice(2).replace('-', '');
  writeFileSync(file, `a ${id}\r\nb\nc ${w3c}\n`);
  const lines = [
    { file, text: `a ${id}` },
    { file, text: `c ${w3c}` },
  ];
  expect(logLines([file, '/no/such/file'], id)).toEqual({
    files: [file, '/no/such/file'],
    lines,
    more: false,
  });
});

test('the number of log lines is limited', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'otel-xray-logs-')), 'a.log');
  writeFileSync(file, `${traceIdOf(5)}\n`.repeat(501));
  const { lines, more } = logLines([file], traceIdOf(5));
  expect({ lines: lines.length, more }).toEqual({ lines: 500, more: true });
});

test('log lines are served for trace ids only', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'otel-xray-logs-')), 'a.log');
  writeFileSync(file, 'password=1\n');
  const xray = await startLocalXRay({ port: 0, logFiles: [file] });
  onTestFinished(() => xray.close());
  const answers = await Promise.all(
    [traceIdOf(1), 'password'].map(async (id) => {
      const response = await fetch(`${xray.url}/local/logs/${id}`);
      return [response.status, ((await response.json()) as { lines?: unknown }).lines];
    }),
  );
  expect(answers).toEqual([
    [200, []],
    [404, undefined],
  ]);
});

test('documents that X-Ray stores only in part are listed with the loss', async () => {
  const xray = await startLocalXRay({ port: 0 });
  onTestFinished(() => xray.close());
  const document = {
    trace_id: traceIdOf(1),
    name: 'a',
    start_time: 1_763_600_000,
    end_time: 1_763_600_001,
  };
  await feed(xray, [
    { ...document, id: entityId(1, 1) },
    { ...document, id: entityId(1, 2), annotations: { 'not-a-key': 1 } },
  ]);
  const response = await fetch(`${xray.url}/local/partial`);
  const { documents } = (await response.json()) as {
    documents: readonly { notes: readonly object[] }[];
  };
  expect(documents).toMatchObject([{ traceId: traceIdOf(1), id: entityId(1, 2), name: 'a' }]);
  expect(JSON.stringify(documents[0]?.notes)).toContain('not-a-key');
});
