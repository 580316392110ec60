import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { Redis } from 'ioredis';
import pg from 'pg';

const dynamo = new DynamoDBClient({
  region: 'eu-west-1',
  endpoint: process.env.AWS_ENDPOINT,
  credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
});
const redis = new Redis(Number(process.env.PORT_redis), '127.0.0.1');
const pool = new pg.Pool({
  host: '127.0.0.1',
  port: Number(process.env.PORT_postgres),
  user: 'app',
  database: 'postgres',
});

export async function handler({ id }) {
  await redis.set(`order:${id}`, 'seen');
  await dynamo.send(new GetItemCommand({ TableName: 'orders', Key: { id: { S: String(id) } } }));
  const { rows } = await pool.query('SELECT $1::int AS id, 30 AS total', [id]);
  return rows[0];
}
