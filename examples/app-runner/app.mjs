import { createServer } from 'node:http';

const server = createServer((request, response) => {
  if (request.url === '/broken') {
    response.writeHead(500).end('broken\n');
    return;
  }
  response.end('hello\n');
});

server.listen(Number(process.env.PORT ?? 8080), () => {
  console.log(`listening on ${server.address().port}`);
});

process.on('SIGTERM', () => server.close());
