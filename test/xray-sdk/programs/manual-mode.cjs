// requests: /a
const AWSXRay = require('aws-xray-sdk');
AWSXRay.enableManualMode();
const http = AWSXRay.captureHTTPs(require('node:http'));
const express = require('express');

const app = express();
app.use(AWSXRay.express.openSegment('manual'));
app.get('/a', (request, response) => {
  const { segment } = request;
  segment.addAnnotation('mode', 'manual');
  AWSXRay.captureAsyncFunc(
    'call',
    (subsegment) => {
      http.get({ host: '127.0.0.1', port, path: '/b', XRaySegment: subsegment }, (answer) => {
        answer.resume().on('end', () => {
          subsegment.close();
          response.send('a');
        });
      });
    },
    segment,
  );
});
app.get('/b', (_request, response) => response.send('b'));
app.use(AWSXRay.express.closeSegment());
let port;
const server = app.listen(0, '127.0.0.1', () => {
  port = server.address().port;
  console.log(`port ${port}`);
});
