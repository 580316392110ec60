import { createServer } from 'node:http';

const orders = new Map([['7', { id: '7', items: ['kettle', 'cups'] }]]);

const server = createServer((request, response) => {
  const id = new URL(request.url ?? '/', 'http://shop').pathname.split('/')[2] ?? '';
  const order = orders.get(id);
  response.writeHead(order === undefined ? 404 : 200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(order ?? { error: 'no such order' }));
});

server.listen(Number(process.env.PORT ?? 8080), () => {
  console.log(`listening on ${server.address().port}`);
});

// Kubernetes stops a pod with SIGTERM. Spans are sent with or without this handler.
process.on('SIGTERM', () => server.close());
