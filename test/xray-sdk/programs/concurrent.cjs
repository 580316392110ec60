// requests: /1 /2 /3
const AWSXRay = require('aws-xray-sdk');
const express = require('express');

const app = express();
app.use(AWSXRay.express.openSegment('concurrent'));
app.get('/:id', async (request, response) => {
  await Promise.all(
    ['a', 'b'].map((name) =>
      AWSXRay.captureAsyncFunc(name, async (subsegment) => {
        await new Promise(setImmediate);
        AWSXRay.getSegment().addAnnotation('request', request.params.id);
        await AWSXRay.captureAsyncFunc(`${name} inner`, async (inner) => inner.close());
        subsegment.close();
      }),
    ),
  );
  AWSXRay.getSegment().addAnnotation('id', request.params.id);
  response.send('ok');
});
app.use(AWSXRay.express.closeSegment());
const server = app.listen(0, '127.0.0.1', () => console.log(`port ${server.address().port}`));
