import { createServer } from 'node:http';

const stock = process.env.STOCK_URL ?? 'http://127.0.0.1:8081';

const server = createServer(async (request, response) => {
  const answer = await fetch(`${stock}${request.url}`);
  response.writeHead(answer.status, { 'content-type': 'text/plain' });
  response.end(`front: ${await answer.text()}`);
});

server.listen(Number(process.env.PORT ?? 8080), () => {
  console.log(`listening on ${server.address().port}`);
});
