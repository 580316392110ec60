import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startXRay, type XRayFixture } from '../../src/testing.ts';
import { feed } from '../page/support/feed.ts';
import { consumerOf, marketTrace } from '../page/support/market.ts';
import { shopTrace, traceIdOf } from '../page/support/shop.ts';

const START = 1_763_600_000;

async function start(): Promise<XRayFixture> {
  const xray = await startXRay();
  onTestFinished(() => xray.close());
  return xray;
}

async function download(xray: XRayFixture, path: string) {
  const response = await fetch(`${xray.url}${path}`);
  return {
    status: response.status,
    name: /filename="(.*)"/.exec(response.headers.get('content-disposition') ?? '')?.[1],
    text: await response.text(),
  };
}

function written(name: string, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'otel-xray-export-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

test('traces are exported by id as BatchGetTraces returns them', async () => {
  const xray = await start();
  await feed(xray, marketTrace({ number: 3, start: START }));
  const id = traceIdOf(3);
  const { name, text } = await download(xray, `/local/export?ids=${id}`);
  const reply = await fetch(`${xray.url}/Traces`, {
    method: 'POST',
    body: JSON.stringify({ TraceIds: [id] }),
  });
  expect(name).toBe(`trace-${id}.json`);
  expect(JSON.parse(text)).toEqual(await reply.json());
});

test('traces are exported by filter and time range', async () => {
  const xray = await start();
  await feed(
    xray,
    [0, 8, 17].flatMap((number) => shopTrace({ number, start: START + number })),
  );
  const idsOf = ({ text }: { readonly text: string }) =>
    (JSON.parse(text) as { Traces: { Id: string }[] }).Traces.map(({ Id }) => Id);
  const all = await download(xray, '/local/export?filter=fault');
  expect([all.name, idsOf(all)]).toEqual(['traces.json', [17, 8].map(traceIdOf)]);
  const some = await download(xray, `/local/export?filter=fault&from=${START}&to=${START + 10}`);
  expect(idsOf(some)).toEqual([traceIdOf(8)]);
});

test.for([
  { path: '/local/export?filter=duration%20%3E', status: 400 },
  { path: '/local/export/1-00000000-000000000000000000000000.html', status: 404 },
  { path: '/local/export/..%2Fx.html', status: 404 },
])('$path answers $status', async ({ path, status }) => {
  const xray = await start();
  expect((await download(xray, path)).status).toBe(status);
});

test.for([
  { form: 'JSON', path: (id: string) => `/local/export?ids=${id}` },
  { form: 'HTML', path: (id: string) => `/local/export/${id}.html` },
])('an exported $form file is opened with the same documents', async ({ path }) => {
  const xray = await start();
  const numbers = [3, consumerOf(3)];
  await feed(xray, marketTrace({ number: 3, start: START }));
  const copy = await start();
  for (const id of numbers.map(traceIdOf)) {
    await copy.open(written('file', (await download(xray, path(id))).text));
  }
  for (const id of numbers.map(traceIdOf)) {
    const json = `/local/export?ids=${id}`;
    expect((await download(copy, json)).text).toBe((await download(xray, json)).text);
  }
});

test('an exported page holds no markup of a document, and no script that runs', async () => {
  const xray = await start();
  const evil = '</script><script>alert(1)</script><img src=x onerror=alert(1)>"\'\u202e';
  const document = {
    trace_id: traceIdOf(1),
    id: '00000000000000a1',
    name: 'shop',
    start_time: START,
    end_time: START + 1,
    http: { request: { method: evil, url: evil } },
    annotations: { note: evil },
    metadata: { [evil]: { [evil]: evil } },
    fault: true,
    cause: { exceptions: [{ id: 'b', type: evil, message: evil, stack: [{ label: evil }] }] },
  };
  await feed(xray, [document]);
  const { text } = await download(xray, `/local/export/${traceIdOf(1)}.html`);
  expect(text.match(/<script[^>]*>/g)).toEqual([
    '<script type="application/json" id="otel-xray-traces">',
  ]);
  expect(text).not.toMatch(/<img|\u202e(?![^<]*<\/script>)/);
  expect(text).toContain("content=\"default-src 'none'; style-src 'unsafe-inline'\"");
});
