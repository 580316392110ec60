// requests: /orders/7 /broken /missing
const AWSXRay = require('aws-xray-sdk');
const http = require('node:http');
AWSXRay.captureHTTPsGlobal(http);
AWSXRay.capturePromise();
const express = require('express');

const app = express();
app.use(AWSXRay.express.openSegment('shop'));
app.get('/orders/:id', async (request, response) => {
  const segment = AWSXRay.getSegment();
  segment.addAnnotation('order', Number(request.params.id));
  segment.addMetadata('basket', { items: 3 }, 'shop');
  segment.setUser('user-7');
  await AWSXRay.captureAsyncFunc('load', async (subsegment) => {
    subsegment.addAnnotation('tier', 'gold');
    await new Promise((resolve) =>
      http.get({ host: '127.0.0.1', port, path: '/stock' }, (r) => r.resume().on('end', resolve)),
    );
    subsegment.close();
  });
  AWSXRay.captureFunc('price', (subsegment) => subsegment.addMetadata('currency', 'EUR'));
  response.send('order');
});
app.get('/stock', (_request, response) => response.send('3'));
app.get('/broken', () => {
  throw new TypeError('no basket');
});
app.use(AWSXRay.express.closeSegment());
app.use((_error, _request, response, _next) => response.status(500).end());
let port;
const server = app.listen(0, '127.0.0.1', () => {
  port = server.address().port;
  console.log(`port ${port}`);
});
