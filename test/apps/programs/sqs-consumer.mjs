import { createServer } from 'node:http';
import { CreateQueueCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { Consumer } from 'sqs-consumer';

const sqs = new SQSClient({ region: 'eu-west-1' });
// The message that fails must not come back in another run, nor this process poll on after its end.
const Attributes = { VisibilityTimeout: '3600' };
const { QueueUrl: queueUrl } = await sqs.send(
  new CreateQueueCommand({ QueueName: 'emails', Attributes }),
);
let done;
const consumer = Consumer.create({
  queueUrl,
  sqs,
  waitTimeSeconds: 0,
  pollingWaitTimeMs: 50,
  handleMessage: async (message) => {
    await fetch(`http://127.0.0.1:${server.address().port}/stock`);
    if (message.Body === 'broken') throw new TypeError('no address');
    return message;
  },
});
consumer.on('message_processed', ({ Body }) => done(Body));
consumer.on('processing_error', (error) => done(error.message));
consumer.on('error', console.error);
const server = createServer(async (request, response) => {
  if (request.url === '/stock') return void response.end('3');
  const finished = new Promise((resolve) => {
    done = resolve;
  });
  const MessageBody = request.url.slice(1);
  await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody }));
  response.end(await finished);
});
consumer.start();
server.listen(0, '127.0.0.1', () => console.log(`port ${server.address().port}`));
