import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startFakeDaemon } from './support/fake-daemon.ts';
import { installedNode } from './support/nodes.ts';
import { outline } from './support/outline.ts';
import { type App, installApp } from './support/packed.ts';
import { start } from './support/run.ts';

/** An Express app with a nested router that calls itself. */
const BODY = `
const api = express.Router();
api.get('/echo/:word', (request, response) => response.json({ word: request.params.word }));
const app = express();
app.use('/api', api);
app.get('/call', async (_request, response) => {
  http.get('http://127.0.0.1:' + server.address().port + '/api/echo/hi', (answer) => {
    answer.resume().on('end', () => response.json({ status: answer.statusCode }));
  });
});
const server = app.listen(0, '127.0.0.1', () => console.log('listening on ' + server.address().port));
`;
const APPS = {
  'app.cjs': `const express = require('express');\nconst http = require('node:http');\n${BODY}`,
  'app.mjs': `import express from 'express';\nimport * as http from 'node:http';\n${BODY}`,
} as const;

describe.for([
  { version: '20.19.6', express: '5.1.0' },
  { version: '24.21.0', express: '5.3.0' },
])('the tarball on Node $version', ({ version, express }) => {
  let app: App;
  let node: string;

  beforeAll(async () => {
    node = await installedNode(version);
    app = await installApp(`express@${express}`);
    for (const [name, text] of Object.entries(APPS)) app.file(name, text);
  });
  afterAll(() => app.remove());

  test.for(Object.keys(APPS))(
    '%s: server, handler and client spans arrive in one trace',
    async (file) => {
      await using daemon = await startFakeDaemon();
      const running = start(['--import', 'otel-xray/register', file], {
        cwd: app.folder,
        program: node,
        env: {
          AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${daemon.endpoint.port}`,
          OTEL_SERVICE_NAME: 'packed',
          OTEL_TRACES_SAMPLER: 'always_on',
        },
      });
      const [, port] = await running.line(/^listening on (\d+)$/);
      const response = await fetch(`http://127.0.0.1:${port}/call`);
      expect(await response.json()).toEqual({ status: 200 });
      const end = await running.stop();
      await daemon.received(5);

      expect(end).toMatchObject({ signal: 'SIGTERM', stderr: '' });
      expect(outline(daemon.flat())).toEqual([
        'packed segment 200 http://127.0.0.1/call',
        '  request handler subsegment',
        '    127.0.0.1 subsegment 200 http://127.0.0.1/api/echo/hi',
        '      packed segment 200 http://127.0.0.1/api/echo/hi',
        '        request handler subsegment',
      ]);
      expect(new Set(daemon.flat().map((document) => document.trace_id)).size).toBe(1);
    },
  );
});
