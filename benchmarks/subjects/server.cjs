// The server under load: node:http, or Express with the middleware that a service usually has. It
// answers the requests of ../support/requests.ts. Reports its CPU time and memory on request.
const framework = process.argv[2];

function listen(app) {
  const server = app.listen(0, '127.0.0.1', function () {
    process.send({ port: this.address().port });
  });
  // While another server has its turn, this one's connections are idle.
  server.keepAliveTimeout = 60_000;
}

const KETTLE = '{"id":17,"name":"kettle"}';

function answer(response, status, text) {
  response.statusCode = status;
  response.setHeader('content-type', 'application/json');
  response.end(text);
}

function handle(request, response) {
  const { method, url } = request;
  if (method === 'POST') {
    request.resume().once('end', () => answer(response, 201, KETTLE));
  } else if (url.startsWith('/orders/none-')) answer(response, 404, '{"error":"no such order"}');
  else if (url.startsWith('/reports/')) answer(response, 500, '{"error":"no reports"}');
  else answer(response, 200, KETTLE);
}

function expressApp() {
  const express = require('express');
  const app = express();
  if (globalThis.xrayExpress) app.use(globalThis.xrayExpress.openSegment('bench'));
  app.use(express.json());
  app.use(express.urlencoded({ extended: false }));
  app.use(function requestTime(_request, response, next) {
    response.locals.startedAt = Date.now();
    next();
  });
  app.use(function authenticate(request, response, next) {
    response.locals.user = request.headers.authorization;
    next();
  });
  const orders = express.Router();
  orders.get('/', (_request, response) => answer(response, 200, `[${KETTLE}]`));
  orders.post('/', (_request, response) => answer(response, 201, KETTLE));
  orders.get('/:id', (request, response) => {
    if (request.params.id.startsWith('none-')) answer(response, 404, '{"error":"no such order"}');
    else answer(response, 200, KETTLE);
  });
  app.use('/orders', orders);
  app.get('/products/:name/reviews', (_request, response) => answer(response, 200, '[]'));
  app.get('/reports/:id', async () => {
    throw new Error('no reports');
  });
  if (globalThis.xrayExpress) app.use(globalThis.xrayExpress.closeSegment());
  app.use((error, _request, response, _next) => {
    answer(response, 500, JSON.stringify({ error: error.message }));
  });
  return app;
}

if (framework === 'http') {
  const { createServer } = require('node:http');
  listen(createServer(globalThis.xrayHandler ? globalThis.xrayHandler(handle) : handle));
} else {
  listen(expressApp());
}

process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send({ cpu: user + system, rss: process.memoryUsage.rss() });
});
