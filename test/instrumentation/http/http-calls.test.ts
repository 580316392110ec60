import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startFakeDaemon } from '../../support/fake-daemon.ts';
import { normalDocuments } from '../../support/normal-documents.ts';
import { type App, installApp } from '../../support/packed.ts';
import { run } from '../../support/run.ts';
import { HTTP_APPS, HTTP_PACKAGES } from '../http-apps.ts';

let app: App;

beforeAll(async () => {
  app = await installApp(...HTTP_PACKAGES);
  for (const [name, text] of Object.entries(HTTP_APPS)) app.file(`${name}.mjs`, text);
}, 300_000);
afterAll(() => app?.remove());

async function traces(name: string) {
  await using daemon = await startFakeDaemon();
  const end = await run(['--import', 'otel-xray/register', `${name}.mjs`], {
    cwd: app.folder,
    env: {
      AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${daemon.endpoint.port}`,
      OTEL_SERVICE_NAME: 'shop',
      OTEL_TRACES_SAMPLER: 'always_on',
      OTEL_XRAY_MIDDLEWARE_SPANS: 'true',
    },
  });
  await daemon.drained();
  return { ...end, flat: daemon.flat(), documents: normalDocuments(daemon.flat()) };
}

test.for(Object.keys(HTTP_APPS))('%s: its traces', async (name) => {
  const { stderr, documents } = await traces(name);
  expect(stderr).toBe('');
  const text = `${JSON.stringify(documents, null, 2)}\n`;
  expect(text).not.toContain('pa-ss');
  await expect(text).toMatchFileSnapshot(join(import.meta.dirname, `../golden/http/${name}.json`));
});

test('an app that adds as many listeners as Node.js allows gets no warning', async () => {
  app.file(
    'listeners.mjs',
    `import http from 'node:http';
     const fill = (emitter, event) => {
       while (emitter.listenerCount(event) < 10) emitter.on(event, () => {});
     };
     const server = http.createServer((request, response) => {
       for (let count = 0; count < 10; count += 1) response.on('close', () => {});
       response.end('ok');
     });
     server.listen(0, '127.0.0.1', () => {
       const request = http.get({ host: '127.0.0.1', port: server.address().port });
       request.on('response', (response) => {
         fill(response, 'end');
         response.resume().on('close', () => server.close());
       });
       for (let count = 0; count < 10; count += 1) request.on('close', () => {});
     });`,
  );
  const { stderr, documents } = await traces('listeners');
  expect(stderr).toBe('');
  expect(documents).not.toEqual([]);
});

test('the status of a segment is the one that was sent, even if the app sets another one later', async () => {
  app.file(
    'late-status.mjs',
    `import http from 'node:http';
     const server = http.createServer((request, response) => {
       const [, sent, later] = request.url.split('/').map(Number);
       response.writeHead(sent).write('a');
       response.statusCode = later;
       response.end();
     });
     const get = (path) => new Promise((resolve) => {
       const { port } = server.address();
       http.get({ host: '127.0.0.1', port, path }, (response) => {
         response.resume().on('close', resolve);
       });
     });
     server.listen(0, '127.0.0.1', async () => {
       for (const path of ['/500/404', '/200/500', '/404/200', '/201/201']) await get(path);
       server.close();
     });`,
  );
  const { flat } = await traces('late-status');
  const segments = flat
    .filter(({ type, parent_id: parent }) => type === undefined && parent !== undefined)
    .sort((a, b) => a.start_time - b.start_time);
  expect(segments.map(({ http, fault, error }) => [http?.response?.status, fault, error])).toEqual([
    [500, true, undefined],
    [200, undefined, undefined],
    [404, undefined, true],
    [201, undefined, undefined],
  ]);
});

test('a handler whose error ends the process: its segment is a fault without a status', async () => {
  app.file(
    'crash.mjs',
    `import http from 'node:http';
     const server = http.createServer(() => { throw new TypeError('broken'); });
     server.listen(0, () => http.get({ port: server.address().port }));`,
  );
  const { code, documents } = await traces('crash');
  expect(code).toBe(1);
  expect(documents).toMatchObject([
    {
      name: 'shop',
      fault: true,
      cause: { exceptions: [{ type: 'TypeError', message: 'broken' }] },
    },
  ]);
  expect(JSON.stringify(documents)).not.toContain('"status"');
});
