// Reads objects of S3 to their end and not, each in a segment of its own.
import { once } from 'node:events';
import http from 'node:http';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { trace } from '@opentelemetry/api';

const server = http.createServer(({ url }, response) => {
  const [path] = url.split('?');
  if (path === '/b/small') return response.writeHead(200, { 'content-length': 5 }).end('hello');
  response.writeHead(200, { 'content-length': 1_000_000 }).write(Buffer.alloc(10_000));
  if (path === '/b/cut') setTimeout(() => response.destroy(), 20);
  if (path === '/b/large') response.end(Buffer.alloc(990_000));
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const client = new S3Client({
  endpoint: `http://127.0.0.1:${server.address().port}`,
  region: 'eu-west-1',
  credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
  forcePathStyle: true,
});
const bodyOf = async (Key) => (await client.send(new GetObjectCommand({ Bucket: 'b', Key }))).Body;
const step = (name, run) =>
  trace.getTracer('app').startActiveSpan(name, async (span) => {
    span.setAttribute('case', name);
    await run().catch((error) => console.log(name, error.message));
    span.end();
  });

await step('small', async () => (await bodyOf('small')).transformToString());
await step('large', async () => {
  for await (const chunk of await bodyOf('large')) void chunk;
});
await step('cut by the server', async () => (await bodyOf('cut')).transformToString());
await step('closed by the app', async () => {
  const body = await bodyOf('endless');
  body.destroy();
  await once(body, 'close');
});
await step('closed by an error of the app', async () => {
  const body = await bodyOf('endless');
  const closed = new Promise((resolve) => body.on('close', resolve));
  body.on('error', () => {}).destroy(new Error('enough'));
  await closed;
});
await step('not read', () => bodyOf('large'));
process.exit();
