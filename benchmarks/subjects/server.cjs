// The server under load: node:http, or Express with the middleware that a service usually has, one
// JSON answer. Tells its CPU time when asked.
const framework = process.argv[2];

function listen(app) {
  const server = app.listen(0, '127.0.0.1', function () {
    process.send({ port: this.address().port });
  });
  // While another server has its turn, this one's connections are idle.
  server.keepAliveTimeout = 60_000;
}

const answer = (_request, response) => {
  response.setHeader('content-type', 'application/json');
  response.end('{"id":17,"name":"kettle"}');
};

if (framework === 'http') {
  const { createServer } = require('node:http');
  listen(createServer(globalThis.xrayHandler ? globalThis.xrayHandler(answer) : answer));
} else {
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
  orders.get('/:id', answer);
  app.use('/orders', orders);
  if (globalThis.xrayExpress) app.use(globalThis.xrayExpress.closeSegment());
  listen(app);
}

process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send({ cpu: user + system });
});
