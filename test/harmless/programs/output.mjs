// Makes otel-xray write a warning while it runs, and goes on after it.
import http from 'node:http';

// Once, which no dead pipe minds.
console.log('of the app');
console.error('of the app');

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const server = http.createServer((_request, response) => response.end('ok'));
await new Promise((resolve) => server.listen(0, resolve));
for (let time = 0; time < 3; time += 1) {
  const response = await fetch(`http://127.0.0.1:${server.address().port}`);
  await response.text();
  await wait(20);
}
server.closeAllConnections();
server.close();
process.exitCode = 3;
