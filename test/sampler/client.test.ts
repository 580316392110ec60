import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { rolldown } from 'rolldown';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { httpClient, parseSamplingEndpoint } from '../../src/sampler/client.ts';
import { remoteRules } from '../../src/sampler/remote-rules.ts';
import { freePort } from '../support/free-port.ts';
import { rulesReply } from '../support/sampling.ts';
import { rawRule } from '../support/sampling-cases.ts';
import { samplingServer } from '../support/sampling-server.ts';

/** Longer than the test, so that the speed of the machine does not matter. */
const NO_LIMIT_MS = 600_000;

const CLOCK = { wallMs: () => Date.now(), steadyMs: () => performance.now() };

test.for([
  { text: '127.0.0.1:2000', endpoint: { host: '127.0.0.1', port: 2000, basePath: '' } },
  { text: 'daemon', endpoint: { host: 'daemon', port: 2000, basePath: '' } },
  { text: 'daemon:80', endpoint: { host: 'daemon', port: 80, basePath: '' } },
  { text: '[::1]:2001', endpoint: { host: '::1', port: 2001, basePath: '' } },
  { text: 'http://proxy/xray/', endpoint: { host: 'proxy', port: 80, basePath: '/xray' } },
  { text: 'http://proxy:8080/a/b', endpoint: { host: 'proxy', port: 8080, basePath: '/a/b' } },
])('the endpoint $text', ({ text, endpoint }) => {
  expect(parseSamplingEndpoint(text)).toEqual(endpoint);
});

test.for(['', 'https://x', 'a b', 'http://', 'x:99999'])('%j is not a valid endpoint', (text) => {
  expect(() => parseSamplingEndpoint(text)).toThrow(TypeError);
});

test('a request is a POST of JSON to the base path, with its length in bytes', async () => {
  await using server = await samplingServer();
  const client = httpClient(parseSamplingEndpoint(`http://${server.address}/base`), Date.now);
  await client.post('/SamplingTargets', '{"a":"règle"}', NO_LIMIT_MS);
  client.close();
  const { headers, ...call } = await server.call(0);
  expect(call).toEqual({ method: 'POST', path: '/base/SamplingTargets', body: '{"a":"règle"}' });
  expect(headers).toMatchObject({
    host: server.address,
    'content-type': 'application/json',
    'content-length': '14',
  });
});

/** Every way in which a daemon can fail, over a real connection. */
const FAULTS: readonly {
  readonly rule: string;
  readonly behave: (response: ServerResponse) => void;
  readonly outcome: string;
  /** A short time limit where it is expected to expire. */
  readonly limitMs?: number;
}[] = [
  { rule: 'does not respond', behave: () => {}, outcome: 'failed', limitMs: 50 },
  {
    rule: 'stops during the response',
    behave: (r) => r.write('{'),
    outcome: 'failed',
    limitMs: 50,
  },
  { rule: 'drops the connection', behave: (r) => r.destroy(), outcome: 'failed' },
  {
    rule: 'truncates the response',
    behave: (r) => {
      r.setHeader('content-length', 100);
      r.write('{"SamplingRuleRecords":', () => r.destroy());
    },
    outcome: 'failed',
  },
  { rule: 'responds with HTML', behave: (r) => r.end('<html>502</html>'), outcome: 'failed' },
  {
    rule: 'responds with more than 1 MiB',
    behave: (r) => {
      const rules = JSON.stringify(rulesReply(rawRule({ RuleName: 'huge' })));
      r.end(rules + ' '.repeat(1_100_000));
    },
    outcome: 'failed',
  },
  {
    rule: 'responds with 403',
    behave: (r) => r.writeHead(403).end('{"message":"no"}'),
    outcome: 'refused',
  },
  { rule: 'responds with 429', behave: (r) => r.writeHead(429).end('{}'), outcome: 'failed' },
  { rule: 'responds with 502', behave: (r) => r.writeHead(502).end(), outcome: 'failed' },
  {
    rule: 'redirects',
    behave: (r) => r.writeHead(307, { location: 'http://127.0.0.1:1/' }).end(),
    outcome: 'failed',
  },
];

test.for(FAULTS)('the current rules are kept if the daemon $rule', async (fault) => {
  const { behave, outcome, limitMs = NO_LIMIT_MS } = fault;
  await using server = await samplingServer((response) => {
    response.end(JSON.stringify(rulesReply(rawRule())));
  });
  const client = httpClient(parseSamplingEndpoint(server.address), Date.now);
  let currentLimitMs = NO_LIMIT_MS;
  const central = remoteRules({
    post: (path, body) => client.post(path, body, currentLimitMs),
    clock: CLOCK,
    newClientId: () => '',
    address: server.address,
  });
  expect(await central.refreshRules()).toBe('done');
  server.behave(behave);
  currentLimitMs = limitMs;
  expect(await central.refreshRules()).toBe(outcome);
  expect(central.states.map(({ rule }) => rule.RuleName)).toEqual(['t']);
  client.close();
});

test('the request fails with the reason if no process listens', async () => {
  const client = httpClient({ host: '127.0.0.1', port: await freePort(), basePath: '' }, Date.now);
  await expect(client.post('/x', '{}', NO_LIMIT_MS)).rejects.toMatchObject({
    code: 'ECONNREFUSED',
  });
});

test('a Date that is minutes off is returned, so that the end of a quota can be computed', async () => {
  const date = 'Fri, 20 Nov 2026 10:00:00 GMT';
  await using server = await samplingServer((response) => {
    response.setHeader('date', date);
    response.end('{}');
  });
  const client = httpClient(parseSamplingEndpoint(server.address), () => 7_000);
  const { time } = await client.post('/x', '{}', NO_LIMIT_MS);
  expect(time).toEqual({ serverSeconds: Date.parse(date) / 1000, localSeconds: 7 });
  client.close();
});

test('close aborts a pending request', async () => {
  await using server = await samplingServer(() => {});
  const client = httpClient(parseSamplingEndpoint(server.address), Date.now);
  const call = client.post('/x', '{}', 60_000);
  const ended = expect(call).rejects.toThrow('stopped');
  await server.call(0);
  client.close();
  await ended;
});

/**
 * A stopped listener: the kernel accepts only as many connections as its queue can hold. `timeout`
 * terminates it in any case.
 */
async function stoppedListener() {
  const program = `const server = require('net').createServer();
    server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
      console.log(JSON.stringify({ port: server.address().port, pid: process.pid }));
    });`;
  const listener = spawn('timeout', ['120', process.execPath, '-e', program]);
  const [line] = await once(listener.stdout, 'data');
  const { port, pid } = JSON.parse(String(line)) as { port: number; pid: number };
  process.kill(pid, 'SIGSTOP');
  return {
    port,
    async [Symbol.asyncDispose]() {
      process.kill(pid, 'SIGKILL');
      await once(listener, 'exit');
    },
  };
}

test.runIf(process.platform === 'linux')(
  'a connection attempt times out after a second and does not keep the process alive longer',
  async () => {
    await using listener = await stoppedListener();
    const { port } = listener;
    const fillers = Array.from({ length: 4 }, () => connect(port, '127.0.0.1'));
    for (const socket of fillers) socket.on('error', () => {});
    await Promise.all(fillers.slice(0, 2).map((socket) => once(socket, 'connect')));
    const client = httpClient({ host: '127.0.0.1', port, basePath: '' }, Date.now);
    const call = client.post('/x', '{}', 60_000);
    await expect(call).rejects.toThrow('no connection within 1000 ms');
    client.close();
    for (const socket of fillers) socket.destroy();
  },
);

const folder = mkdtempSync(join(tmpdir(), 'otel-xray-sampler-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const apiUrl = pathToFileURL(
  resolve(import.meta.dirname, '../../node_modules/@opentelemetry/api/build/src/index.js'),
);

/** Bundles the sampler as in the package: one file as ESM and one as CommonJS. */
beforeAll(async () => {
  const bundle = await rolldown({
    input: resolve(import.meta.dirname, '../../src/sampler/index.ts'),
    platform: 'node',
    external: [/^node:/, '@opentelemetry/api'],
  });
  const paths = { '@opentelemetry/api': apiUrl.href };
  await bundle.write({ file: join(folder, 'sampler.mjs'), format: 'esm', paths });
  await bundle.write({
    file: join(folder, 'sampler.cjs'),
    format: 'cjs',
    paths: { '@opentelemetry/api': apiUrl.pathname },
  });
  await bundle.close();
});

/** Runs a program next to the bundles, until the test ends. */
function run(program: string, args: readonly string[]) {
  const file = join(folder, 'app.mjs');
  writeFileSync(file, program);
  const child = spawn(process.execPath, [file, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += String(chunk);
  });
  const exited = once(child, 'exit').then(([code]) => ({ code: code as number | null, output }));
  return { child, exited };
}

test('a script exits when its work is done, even if the daemon does not respond', async () => {
  await using server = await samplingServer(() => {});
  const { child, exited } = run(
    `const { setTimeout } = globalThis;
    // If the request kept the process alive, it would do so for its time limit: here, an hour.
    globalThis.setTimeout = (run, ms) => setTimeout(run, ms < 1_000 ? ms : 3_600_000);
    const { XRaySampler } = await import('./sampler.mjs');
    new XRaySampler({ endpoint: process.argv[2] });
    process.stdin.once('data', () => process.stdin.destroy());`,
    [server.address],
  );
  await server.call(0);
  child.stdin.write('the call is under way\n');
  expect((await exited).code).toBe(0);
});

test('a script exits without shutting down the sampler after the daemon has responded', async () => {
  await using server = await samplingServer((response) => {
    response.end(JSON.stringify(rulesReply(rawRule())));
  });
  const { child, exited } = run(
    `import { XRaySampler } from './sampler.mjs';
    new XRaySampler({ endpoint: process.argv[2] });
    process.stdin.once('data', () => process.stdin.destroy());`,
    [server.address],
  );
  await server.call(0);
  child.stdin.write('\n');
  expect((await exited).code).toBe(0);
});

test('the package loaded as ESM and as CommonJS polls once, and both use the rules', async () => {
  await using server = await samplingServer((response) => {
    response.end(JSON.stringify(rulesReply(rawRule({ RuleName: 'ours', FixedRate: 1 }))));
  });
  const { exited } = run(
    `import { createRequire } from 'node:module';
    import { XRaySampler as Esm } from './sampler.mjs';
    const { XRaySampler: Cjs } = createRequire(import.meta.url)('./sampler.cjs');
    const samplers = [new Esm({ endpoint: process.argv[2] }), new Cjs({ endpoint: process.argv[2] })];
    const rule = (sampler) => sampler.explain({ url: '/' }).rule;
    while (rule(samplers[0]) !== 'ours') await new Promise((done) => setTimeout(done, 5));
    await samplers[0].shutdown();
    console.log(Esm === Cjs, samplers.map(rule).join());`,
    [server.address],
  );
  expect(await exited).toEqual({ code: 0, output: 'false ours,ours\n' });
  expect(server.calls.map(({ path }) => path)).toEqual(['/GetSamplingRules']);
});

test('a sampler in a worker thread is a separate client and does not keep the process alive', async () => {
  await using server = await samplingServer((response) => {
    response.end(JSON.stringify(rulesReply(rawRule({ ReservoirSize: 0, FixedRate: 1 }))));
  });
  const { exited } = run(
    `import { isMainThread, Worker } from 'node:worker_threads';
    import { XRaySampler } from './sampler.mjs';
    import { ROOT_CONTEXT } from '${apiUrl}';
    const sampler = new XRaySampler({ endpoint: process.argv[2] });
    if (isMainThread) new Worker(new URL(import.meta.url), { argv: [process.argv[2]] });
    while (!sampler.status().usesRemoteRules) await new Promise((done) => setTimeout(done, 5));
    sampler.shouldSample(ROOT_CONTEXT, 'f'.repeat(32), '', 1, {}, []);
    const alive = setInterval(() => {}, 1000);
    await sampler.shutdown();
    clearInterval(alive);`,
    [server.address],
  );
  expect((await exited).code).toBe(0);
  const reports = server.calls.filter(({ path }) => path === '/SamplingTargets');
  const clients = reports.flatMap(({ body }) => JSON.parse(body).SamplingStatisticsDocuments);
  expect(clients.map(({ RequestCount }) => RequestCount)).toEqual([1, 1]);
  expect(new Set(clients.map(({ ClientID }) => ClientID)).size).toBe(2);
});
