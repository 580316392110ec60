// requests: /named
const AWSXRay = require('aws-xray-sdk');
const express = require('express');

AWSXRay.middleware.enableDynamicNaming('127.0.*');
const app = express();
app.use(AWSXRay.express.openSegment('fallback'));
app.get('/named', (_request, response) => {
  console.log(AWSXRay.middleware.resolveName('other.example.com'));
  response.send('named');
});
app.use(AWSXRay.express.closeSegment());
const server = app.listen(0, '127.0.0.1', () => console.log(`port ${server.address().port}`));
