// An application that answers one request and ends; see eager-functions.ts.
const http = require('node:http');
const server = http.createServer((_request, response) => response.end('ok'));
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address();
  const request = http.get({ host: '127.0.0.1', port, agent: false }, (response) => {
    response.resume().once('close', () => server.close());
  });
  request.once('error', (error) => {
    throw error;
  });
});
