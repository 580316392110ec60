// roots: 1
const http = require('node:http');
const AWSXRay = require('aws-xray-sdk-core');
const { DynamoDBClient, GetItemCommand } = require('@aws-sdk/client-dynamodb');

const server = http.createServer((request, response) => {
  request.resume().on('end', () => {
    response.writeHead(200, {
      'content-type': 'application/x-amz-json-1.0',
      'x-amzn-requestid': 'R-1',
    });
    response.end('{"Item":{"id":{"S":"7"}}}');
  });
});
server.listen(0, '127.0.0.1', async () => {
  const client = AWSXRay.captureAWSv3Client(
    new DynamoDBClient({
      endpoint: `http://127.0.0.1:${server.address().port}`,
      region: 'eu-west-1',
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    }),
  );
  const segment = new AWSXRay.Segment('orders');
  await AWSXRay.getNamespace().runPromise(async () => {
    AWSXRay.setSegment(segment);
    const { Item } = await client.send(
      new GetItemCommand({ TableName: 'orders', Key: { id: { S: '7' } } }),
    );
    console.log(Item);
    segment.close();
  });
  client.destroy();
  server.close();
});
