const { createServer } = require('node:http');

const stock = { '/stock/kettle': 3, '/stock/cup': 0 };

const server = createServer((request, response) => {
  const left = stock[request.url];
  response.writeHead(left === undefined ? 404 : 200, { 'content-type': 'text/plain' });
  response.end(left === undefined ? 'not sold here' : `${left} left`);
});

server.listen(Number(process.env.PORT ?? 8081), () => {
  console.log(`listening on ${server.address().port}`);
});
