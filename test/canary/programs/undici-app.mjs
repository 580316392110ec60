import { createServer } from 'node:http';
import { trace } from '@opentelemetry/api';
import { fetch, request } from 'undici';

const server = createServer((incoming, response) => {
  response.statusCode = incoming.url === '/orders/8' ? 404 : 200;
  response.end('order');
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const url = `http://127.0.0.1:${server.address().port}`;
await trace.getTracer('app').startActiveSpan('order', async (span) => {
  console.log(await (await request(`${url}/orders/7`)).body.text());
  console.log(await (await fetch(`${url}/orders/8`)).text());
  span.end();
});
server.closeAllConnections();
server.close();
