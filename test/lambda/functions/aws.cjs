const { DynamoDBClient, GetItemCommand } = require('@aws-sdk/client-dynamodb');

/** Calls DynamoDB at `event.endpoint`. */
exports.handler = async ({ endpoint }) => {
  const credentials = { accessKeyId: 'key', secretAccessKey: 'secret' };
  const client = new DynamoDBClient({ endpoint, region: 'eu-west-1', credentials });
  const { Item } = await client.send(
    new GetItemCommand({ TableName: 'carts', Key: { id: { S: '1' } } }),
  );
  client.destroy();
  return Item ?? null;
};
