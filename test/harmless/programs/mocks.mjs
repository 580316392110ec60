// Replaces functions of Node as tests of an app do, and passes requests to servers without a socket.
import { once } from 'node:events';
import http from 'node:http';
import { mock } from 'node:test';
import express from 'express';
import fastify from 'fastify';
import inject from 'light-my-request';

const print = (...values) => console.log(JSON.stringify(values));
const server = http.createServer((request, response) => response.end(request.url));
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const { port } = server.address();
async function get(path) {
  const [response] = await once(http.get({ port, path, agent: false }), 'response');
  response.resume();
  return response.statusCode;
}

// Spies that call through, and stubs.
const spy = mock.method(http, 'get');
print(await get('/spied'), spy.mock.callCount(), spy.mock.calls[0].arguments.length);
print(spy.mock.calls[0].result instanceof http.ClientRequest);
spy.mock.restore();
for (const name of ['get', 'request']) {
  mock.method(http, name, () => 'stub');
  print(http[name]('http://nowhere.test'));
}
mock.method(globalThis, 'fetch', async () => ({ ok: true }));
print(await fetch('http://nowhere.test'));
mock.restoreAll();
print(await get('/restored'), http.request.name, http.get.length);
const emit = mock.method(http.Server.prototype, 'emit');
print(await get('/emitted'), emit.mock.callCount() > 0);
mock.restoreAll();

// Requests that no parser has made.
const answers = [];
const fake = { setHeader() {}, end: (text) => answers.push(text) };
print(server.emit('request', { url: '/bare', headers: {}, method: 'GET' }, fake));
print(server.emit('request', { url: '/no-headers' }, fake));
try {
  server.emit('request');
} catch ({ name, message }) {
  print(name, message);
}
const request = new http.IncomingMessage(null);
Object.assign(request, { url: '/parts', method: 'GET' });
const response = new http.ServerResponse(request);
server.emit('request', request, response);
print(answers, response.writableEnded);

const app = express();
app.get('/items/:id', ({ params }, answer) => answer.json(params));
for (const url of ['/items/1', '/missing']) {
  const { statusCode, payload } = await inject(app, { url });
  print(statusCode, payload.length);
}
app({ url: '/none', method: 'GET', headers: {} }, { setHeader() {}, getHeader() {} }, (error) =>
  print('next', error ?? null),
);
const service = fastify();
service.get('/items/:id', async ({ params }) => params);
print((await service.inject('/items/2')).json());
await service.close();
server.close();
