// Replaces functions of http as mocks of tests do, and serves requests. SIGUSR2: prints what they saw.
const http = require('node:http');

const { Agent, get } = http;
const seen = [];
for (const name of ['request', 'ClientRequest', 'Agent']) {
  http[name] = () => {
    seen.push(name);
    throw new Error(`${name} is a mock`);
  };
}

const server = http.createServer((_request, response) => response.end('ok'));
process.on('SIGUSR2', () => {
  console.log(JSON.stringify(seen));
  server.close();
});
server.listen(0, '127.0.0.1', () => {
  const agent = new Agent();
  get({ port: server.address().port, host: '127.0.0.1', agent }, (response) => response.resume());
});
