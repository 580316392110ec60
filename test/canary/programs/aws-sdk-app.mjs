import { createServer } from 'node:http';
import { DynamoDBClient, GetItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { trace } from '@opentelemetry/api';

const server = createServer((request, response) => {
  const fails = request.headers['x-amz-target'] === 'DynamoDB_20120810.Query';
  response.statusCode = fails ? 400 : 200;
  response.setHeader('content-type', 'application/x-amz-json-1.0');
  response.end(fails ? '{"__type":"ValidationException","message":"no key"}' : '{}');
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const client = new DynamoDBClient({
  region: 'eu-west-1',
  endpoint: `http://127.0.0.1:${server.address().port}`,
  credentials: { accessKeyId: 'id', secretAccessKey: 'key' },
});
await trace.getTracer('app').startActiveSpan('order', async (span) => {
  await client.send(new GetItemCommand({ TableName: 'orders', Key: { id: { S: 'secret' } } }));
  await client
    .send(new QueryCommand({ TableName: 'orders' }))
    .catch((error) => console.log(error.name));
  span.end();
});
client.destroy();
server.close();
