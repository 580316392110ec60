// The server under load: node:http or Express, one JSON answer. Tells its CPU time when asked.
const { join } = require('node:path');
const framework = process.argv[2];
const express = () =>
  require(
    require.resolve('express', { paths: [process.env.EXPRESS_FROM ?? join(__dirname, '../..')] }),
  );

function listen(server) {
  server.listen(0, '127.0.0.1', function () {
    process.send({ port: this.address().port });
  });
}

const answer = (_request, response) => {
  response.setHeader('content-type', 'application/json');
  response.end('{"id":17,"name":"kettle"}');
};

if (framework === 'http') {
  const { createServer } = require('node:http');
  listen(createServer(globalThis.xrayHandler ? globalThis.xrayHandler(answer) : answer));
} else {
  const app = express()();
  if (globalThis.xrayExpress) app.use(globalThis.xrayExpress.openSegment('bench'));
  app.get('/orders/:id', answer);
  if (globalThis.xrayExpress) app.use(globalThis.xrayExpress.closeSegment());
  listen(app);
}

process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send({ cpu: user + system });
});
