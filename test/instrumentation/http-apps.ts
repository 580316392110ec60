import { CERTIFICATE, PRIVATE_KEY } from '../support/certificate.ts';

/** Packages that the programs use. */
export const HTTP_PACKAGES: readonly string[] = [
  'axios@1.21.1',
  'express@5.3.0',
  'fastify@5.12.8',
  'got@16.1.0',
  'koa@3.3.0',
  'undici@8.13.1',
];

/** Starts servers, and names what every program uses. */
const HEAD = `
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';

const host = '127.0.0.1';
const listening = async (server) => {
  server.listen(0, host);
  await once(server, 'listening');
  return server.address().port;
};
/** Makes a request and reads its answer, whatever becomes of it. */
const call = (options) => new Promise((resolve) => {
  const request = http.request({ host, ...options }, (response) => {
    response.on('error', () => {}).on('close', resolve).resume();
  });
  request.on('error', () => {}).on('close', resolve);
  request.end();
});
const closed = () => new Promise((resolve) => gone.push(resolve));
const gone = [];
`;

const CUT_SERVER = `
const server = http.createServer((request, response) => {
  response.on('close', () => gone.splice(0).forEach((resolve) => resolve()));
  const answers = {
    '/ok': () => response.end('hello'),
    '/chunked': () => { response.write('a'); response.end('b'); },
    '/head': () => response.writeHead(200, { 'content-length': 7 }).end('1234567'),
    '/destroy': () => response.destroy(),
    '/destroy-in-body': () => { response.write('a'); setTimeout(() => response.destroy(), 20); },
    '/failed-body': () => pipeline(createReadStream('/missing'), response, () => {}),
    '/large': () => response.end(Buffer.alloc(20_000_000)),
    '/hang': () => {},
    '/missing': () => response.writeHead(404).end(),
    '/broken': () => response.writeHead(500).end(),
  };
  answers[request.url]();
});
const port = await listening(server);
const url = (path) => 'http://127.0.0.1:' + port + path;
const end = () => { server.closeAllConnections(); server.close(); };
`;

const PROXY = `
const origin = http.createServer((request, response) => response.end(request.url));
origin.on('upgrade', ({ url, headers }, socket) => {
  socket.on('error', () => {});
  if (url === '/refused') return socket.end('HTTP/1.1 403 Forbidden\\r\\nContent-Length: 0\\r\\n\\r\\n');
  const accept = createHash('sha1')
    .update(headers['sec-websocket-key'] + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11')
    .digest('base64');
  socket.write('HTTP/1.1 101 Switching Protocols\\r\\nConnection: Upgrade\\r\\nUpgrade: websocket\\r\\n'
    + 'Sec-WebSocket-Accept: ' + accept + '\\r\\n\\r\\n');
  setTimeout(() => socket.end(), 20);
});
const originPort = await listening(origin);
const proxy = http.createServer((request, response) => response.end(request.url));
proxy.on('connect', ({ headers, url }, socket) => {
  socket.on('error', () => {});
  const refused = !('proxy-authorization' in headers) ? '407 Proxy Authentication Required' : url.startsWith('down') ? '502 Bad Gateway' : undefined;
  if (refused) return socket.end('HTTP/1.1 ' + refused + '\\r\\nContent-Length: 0\\r\\n\\r\\n');
  const upstream = net.connect(originPort, host, () => {
    socket.write('HTTP/1.1 200 OK\\r\\n\\r\\n');
    upstream.pipe(socket).pipe(upstream);
  });
  upstream.on('error', () => {});
});
const port = await listening(proxy);
const connect = (path, headers = {}) => new Promise((resolve) => {
  const request = http.request({ host, port, method: 'CONNECT', path, headers });
  request.on('connect', (response, socket) => socket.destroy());
  request.on('error', () => {}).on('close', resolve).end();
});
const authorized = { 'proxy-authorization': 'Basic dXNlcjpwYXNz' };
const end = () => { proxy.closeAllConnections(); proxy.close(); origin.closeAllConnections(); origin.close(); };
`;

/** Calls each path of a server, in order, and ends. */
const CALLS = `
for (const path of ['/flow', '/missing', '/broken', '/ok']) await call({ port, path });
server.close();
`;

/** Small programs; each is its own process. */
export const HTTP_APPS: Readonly<Record<string, string>> = {
  'complete-answers': `${HEAD}${CUT_SERVER}
for (const path of ['/ok', '/chunked', '/head']) await call({ port, path });
await call({ port, path: '/ok', method: 'HEAD' });
await (await fetch(url('/ok'))).text();
end();`,

  'cut-answers': `${HEAD}${CUT_SERVER}
await call({ port, path: '/destroy' });
await call({ port, path: '/destroy-in-body' });
await call({ port, path: '/failed-body' });
await fetch(url('/destroy-in-body')).then((response) => response.text()).catch(() => {});
end();`,

  'clients-that-leave': `${HEAD}${CUT_SERVER}
const leave = async (path, abort) => {
  const over = closed();
  const request = http.get({ host, port, path }, (response) => response.once('data', () => abort(request)));
  request.on('error', () => {});
  if (path === '/hang') server.once('request', () => abort(request));
  await over;
};
await leave('/hang', (request) => request.destroy());
await leave('/large', (request) => request.destroy());
await leave('/large', (request) => request.abort());
await leave('/large', (request) => request.res.destroy(new Error('enough')));
const controller = new AbortController();
server.once('request', () => controller.abort());
const over = closed();
await fetch(url('/hang'), { signal: controller.signal }).catch(() => {});
await over;
const late = closed();
const timeout = new AbortController();
server.once('request', () => timeout.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError')));
await fetch(url('/hang'), { signal: timeout.signal }).catch(() => {});
await late;
end();`,

  'unread-answers': `${HEAD}${CUT_SERVER}
const answered = (request) => once(request, 'response');
await Promise.all([
  answered(http.get(url('/large'), () => {})),
  fetch(url('/large')),
]);
process.exit();`,

  'unread-answers-of-a-stopped-process': `${HEAD}${CUT_SERVER}
await once(http.get(url('/large'), () => {}), 'response');
process.kill(process.pid, 'SIGTERM');
setInterval(() => {}, 1_000);`,

  'request-targets': `${HEAD}${PROXY}
await call({ port, path: 'http://user:pa-ss@api.example/v1?token=pa-ss&page=2' });
await call({ port, path: 'https://api.example:8443/v1' });
await call({ port, path: '*', method: 'OPTIONS' });
await call({ port, path: 'items/7' });
await connect('user:pa-ss@api.example:443');
await connect('api.example:443', authorized);
await connect('down.example:443', authorized);
end();`,

  'clients-behind-proxies': `${HEAD}${PROXY}
const { default: axios } = await import('axios');
const { default: got } = await import('got');
const undici = await import('undici');
await axios.get('http://api.example/axios', { proxy: { host, port, auth: { username: 'user', password: 'pa-ss' } } });
await got('http://' + host + ':' + port + '/got').text();
const dispatcher = new undici.ProxyAgent({ uri: 'http://' + host + ':' + port, token: 'Basic dXNlcjpwYXNz' });
await (await undici.fetch('http://api.example/undici', { dispatcher })).text();
await dispatcher.close();
await axios.get('http://api.example/refused', { proxy: { host, port: 1 } }).catch(() => {});
const { ProxyAgent } = undici;
const refused = new ProxyAgent({ uri: 'http://' + host + ':' + port });
await undici.fetch('http://api.example/no-password', { dispatcher: refused }).catch(() => {});
await refused.close();
end();`,

  clients: `${HEAD}${CUT_SERVER}
const { default: axios } = await import('axios');
const { default: got } = await import('got');
const undici = await import('undici');
const headers = { 'User-Agent': 'app/1' };
await call({ port, path: '/ok', headers });
await (await fetch(url('/ok'), { headers })).text();
await (await undici.request(url('/ok'), { headers })).body.text();
await axios.get(url('/ok'), { headers });
await got(url('/ok'), { headers });
await axios.get(url('/missing')).catch(() => {});
await got(url('/broken'), { retry: { limit: 1, backoffLimit: 1 } }).catch(() => {});
// Nothing listens there, and fetch refuses port 1.
const nowhere = 'http://127.0.0.1:2';
for (const get of [fetch, axios.get, undici.request]) await get(nowhere).catch(() => {});
await got(nowhere, { retry: { limit: 0 } }).catch(() => {});
end();`,

  'clients-over-http2': `${HEAD}
import http2 from 'node:http2';
const { default: axios } = await import('axios');
const { default: got } = await import('got');
const undici = await import('undici');
const [ca, key] = ${JSON.stringify([CERTIFICATE, PRIVATE_KEY])};
const server = http2.createSecureServer({ cert: ca, key, allowHTTP1: true });
server.on('request', (request, response) => response.end(request.httpVersion));
const port = await listening(server);
const url = 'https://localhost:' + port;
const session = http2.connect(url, { ca });
const stream = session.request({ ':path': '/node-http2' });
stream.resume();
await once(stream, 'close');
session.close();
const dispatcher = new undici.Agent({ allowH2: true, connect: { ca } });
await (await undici.fetch(url + '/undici-fetch', { dispatcher })).text();
await (await undici.request(url + '/undici-request', { dispatcher })).body.text();
await dispatcher.destroy();
await got(url + '/got', { http2: true, https: { certificateAuthority: ca } });
await axios.get(url + '/axios', { httpVersion: 2, http2Options: { ca } });
process.exit();`,

  upgrades: `${HEAD}${PROXY}
const upgrade = (path) => call({
  port: originPort,
  path,
  headers: { Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==' },
});
await upgrade('/chat');
await upgrade('/refused');
const socket = (path) => new Promise((resolve) => {
  const opened = new WebSocket('ws://127.0.0.1:' + originPort + path);
  opened.onclose = resolve;
  opened.onerror = () => {};
});
await socket('/chat');
await socket('/refused');
end();`,

  'handlers-that-throw': `${HEAD}
process.on('uncaughtException', () => {});
const server = http.createServer((request, response) => {
  if (request.url === '/answered') setTimeout(() => response.writeHead(503).end(), 10);
  else setTimeout(() => response.destroy(), 10);
  throw new TypeError('broken');
});
const port = await listening(server);
await call({ port, agent: false, path: '/answered' });
await call({ port, agent: false, path: '/destroyed' });
server.close();`,

  'handlers-express': `${HEAD}
const { default: express } = await import('express');
const app = express();
app.set('env', 'test');
app.get('/flow', (request, response, next) => next({ type: 'redirect', to: '/' }));
app.get('/missing', (request, response, next) => next(Object.assign(new Error('no item'), { status: 404 })));
app.get('/broken', () => { throw new TypeError('broken'); });
app.get('/ok', (request, response) => response.send('ok'));
app.use((error, request, response, next) => {
  if (error.type === 'redirect') response.redirect(error.to);
  else response.status(error.status ?? 500).send(error.message);
});
const server = http.createServer(app);
const port = await listening(server);
${CALLS}`,

  'handlers-koa': `${HEAD}
const { default: Koa } = await import('koa');
const app = new Koa();
app.silent = true;
app.use(async (context, next) => {
  await next().catch((error) => {
    if (error.flow !== true) throw error;
    context.body = 'caught';
  });
});
app.use(async function answer(context) {
  if (context.path === '/flow') throw Object.assign(new Error('flow'), { flow: true });
  if (context.path === '/missing') context.throw(404, 'no item');
  if (context.path === '/broken') throw new TypeError('broken');
  context.body = 'ok';
});
const server = http.createServer(app.callback());
const port = await listening(server);
${CALLS}`,

  'handlers-fastify': `${HEAD}
const { default: fastify } = await import('fastify');
const app = fastify();
app.get('/flow', async () => { throw Object.assign(new Error('flow'), { flow: true }); });
app.get('/missing', async () => { throw Object.assign(new Error('no item'), { statusCode: 404 }); });
app.get('/broken', async () => { throw new TypeError('broken'); });
app.get('/ok', async () => 'ok');
app.setErrorHandler((error, request, reply) => {
  if (error.flow === true) return reply.code(200).send('caught');
  throw error;
});
await app.listen({ host, port: 0 });
const { server } = app;
const { port } = server.address();
${CALLS}`,
};
