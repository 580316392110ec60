const http = require('node:http');

// The proxy of Elastic Beanstalk forwards requests to PORT.
const server = http.createServer((request, response) => {
  if (request.url === '/health') return response.end('ok');
  response.setHeader('content-type', 'text/plain');
  response.end(`hello from ${request.url}\n`);
});

server.listen(Number(process.env.PORT ?? 8080), () => {
  console.log(`listening on ${server.address().port}`);
});
