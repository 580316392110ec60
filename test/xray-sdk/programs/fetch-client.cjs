// requests: /call
const http = require('node:http');
const AWSXRay = require('aws-xray-sdk-core');
const { captureFetchGlobal } = require('aws-xray-sdk-fetch');

const tracedFetch = captureFetchGlobal();
AWSXRay.middleware.setDefaultName('fetcher');
const server = http.createServer(async (request, response) => {
  if (request.url === '/other') return void response.writeHead(418).end();
  const segment = AWSXRay.middleware.traceRequestResponseCycle(request, response);
  AWSXRay.getNamespace().run(async () => {
    AWSXRay.setSegment(segment);
    const answer = await tracedFetch(`http://127.0.0.1:${server.address().port}/other`);
    response.end(String(answer.status));
  });
});
server.listen(0, '127.0.0.1', () => console.log(`port ${server.address().port}`));
