import { importLines } from '../support/framework-apps.ts';

export const SERVER_APP_PACKAGES: readonly string[] = [
  '@opentelemetry/api@1.9.1',
  '@aws-sdk/client-dynamodb@3.1162.0',
  '@aws-sdk/client-s3@3.1169.0',
  '@aws-sdk/client-sqs@3.1169.0',
  'amqplib@2.3.1',
  'ioredis@6.0.0',
  'memcached@2.2.2',
  'mysql2@3.24.5',
  'pg@8.23.1',
  'redis@6.3.1',
];

const BODY = `
const env = process.env;
const port = (name) => Number(env['PORT_' + name]);
const host = '127.0.0.1';
const aws = {
  endpoint: 'http://' + host + ':' + env.PORT_moto,
  region: 'eu-west-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  forcePathStyle: true,
};
const steps = {
  async postgres() {
    const client = new pg.Client({ host, port: port('postgres'), user: 'app', database: 'postgres' });
    await client.connect();
    await client.query('SELECT $1::int AS one', [1]);
    await client.query('SELECT * FROM missing').catch(() => {});
    await client.end();
  },
  async mariadb() {
    const connection = await mysql.createConnection({ host, port: port('mariadb'), user: 'root' });
    await connection.query('SELECT 1 AS one');
    await connection.end();
  },
  async ioredis() {
    const client = new Redis({ host, port: port('redis'), lazyConnect: true });
    await client.connect();
    await client.set('key', 'value');
    await client.get('key');
    client.disconnect();
  },
  async redis() {
    const client = createClient({ url: 'redis://' + host + ':' + port('redis') });
    await client.connect();
    await client.get('key');
    client.destroy();
  },
  async rabbitmq() {
    const connection = await amqp.connect('amqp://' + host + ':' + port('rabbitmq'));
    const channel = await connection.createChannel();
    await channel.assertQueue('orders');
    channel.sendToQueue('orders', Buffer.from('one'));
    await new Promise((done) => channel.consume('orders', (message) => { channel.ack(message); done(); }));
    await channel.close();
    await connection.close();
  },
  async memcached() {
    const client = new Memcached(host + ':' + port('memcached'));
    await new Promise((done) => client.set('key', 'value', 10, done));
    await new Promise((done) => client.get('key', done));
    client.end();
  },
  async s3() {
    const client = new S3Client(aws);
    await client.send(new CreateBucketCommand({ Bucket: 'orders', CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' } }));
    await client.send(new PutObjectCommand({ Bucket: 'orders', Key: 'one', Body: 'text' }));
    client.destroy();
  },
  async sqs() {
    const client = new SQSClient(aws);
    const { QueueUrl } = await client.send(new CreateQueueCommand({ QueueName: 'orders' }));
    await client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'one' }));
    await client.send(new ReceiveMessageCommand({ QueueUrl }));
    client.destroy();
  },
  async dynamodb() {
    const client = new DynamoDBClient(aws);
    await client.send(new DescribeTableCommand({ TableName: 'missing' })).catch(() => {});
    await client.send(new ListTablesCommand({}));
    client.destroy();
  },
};
trace.getTracer('app').startActiveSpan('visit', async (visit) => {
  for (const [name, run] of Object.entries(steps)) {
    await trace.getTracer('app').startActiveSpan('step ' + name, async (span) => {
      await run();
      span.end();
    });
  }
  visit.end();
});
`;

const IMPORTS: Readonly<Record<string, string>> = {
  '{ trace }': '@opentelemetry/api',
  pg: 'pg',
  mysql: 'mysql2/promise',
  '{ Redis }': 'ioredis',
  '{ createClient }': 'redis',
  amqp: 'amqplib',
  Memcached: 'memcached',
  '{ S3Client, CreateBucketCommand, PutObjectCommand }': '@aws-sdk/client-s3',
  '{ SQSClient, CreateQueueCommand, SendMessageCommand, ReceiveMessageCommand }':
    '@aws-sdk/client-sqs',
  '{ DynamoDBClient, DescribeTableCommand, ListTablesCommand }': '@aws-sdk/client-dynamodb',
};

/** An app that uses every server, with a span per step. */
export function serverAppText(form: 'cjs' | 'mjs'): string {
  return importLines(IMPORTS, form) + BODY;
}
