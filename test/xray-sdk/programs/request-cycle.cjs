// requests: /plain /missing
const http = require('node:http');
const AWSXRay = require('aws-xray-sdk-core');

AWSXRay.middleware.setDefaultName('plain-server');
const server = http.createServer((request, response) => {
  const segment = AWSXRay.middleware.traceRequestResponseCycle(request, response);
  const namespace = AWSXRay.getNamespace();
  namespace.bindEmitter(request);
  namespace.bindEmitter(response);
  namespace.run(() => {
    AWSXRay.setSegment(segment);
    AWSXRay.captureFunc('answer', () => {
      response.statusCode = request.url === '/plain' ? 200 : 404;
      response.end('text');
    });
  });
});
server.listen(0, '127.0.0.1', () => console.log(`port ${server.address().port}`));
