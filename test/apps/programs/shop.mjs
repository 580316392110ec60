import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import express from 'express';
import { buildSchema, graphql } from 'graphql';
import { Redis } from 'ioredis';
import pg from 'pg';

const aws = {
  region: 'eu-west-1',
  endpoint: process.env.AWS_ENDPOINT,
  credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
};
const dynamo = new DynamoDBClient(aws);
const s3 = new S3Client({ ...aws, forcePathStyle: true });
const sqs = new SQSClient(aws);
const redis = new Redis(Number(process.env.PORT_redis), '127.0.0.1');
const pool = new pg.Pool({
  host: '127.0.0.1',
  port: Number(process.env.PORT_postgres),
  user: 'app',
  database: 'postgres',
});

const schema = buildSchema(
  'type Query { order(id: Int): Order } type Order { id: Int, total: Int }',
);
const rootValue = {
  async order({ id }) {
    const { rows } = await pool.query('SELECT $1::int AS id, 30 AS total', [id]);
    return rows[0];
  },
};

const app = express();
app.use((_request, _response, next) => next());
app.get('/orders/:id', async (request, response) => {
  const { id } = request.params;
  await redis.set(`order:${id}`, 'seen');
  await dynamo.send(new GetItemCommand({ TableName: 'orders', Key: { id: { S: id } } }));
  await s3.send(new PutObjectCommand({ Bucket: 'invoices', Key: `${id}.pdf`, Body: 'paid' }));
  await sqs.send(new SendMessageCommand({ QueueUrl: `${aws.endpoint}/1/mail`, MessageBody: id }));
  const source = `query Order { order(id: ${id}) { id total } }`;
  response.json(await graphql({ schema, rootValue, source }));
});
app.get('/broken', () => {
  throw new TypeError('no basket');
});
// The page of Express has a stack, which differs in a bundle.
app.use((error, _request, response, _next) =>
  response.status(500).json({ message: error.message }),
);

const server = app.listen(0, '127.0.0.1', () => console.log(`port ${server.address().port}`));
