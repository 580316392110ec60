// Sends messages through SQS and SNS, each in a trace of its own, and receives them outside any trace.
// AWS_ENDPOINT_URL names the server.
import {
  CreateTopicCommand,
  PublishCommand,
  SNSClient,
  SubscribeCommand,
} from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { context, trace } from '@opentelemetry/api';

const config = {
  region: 'eu-west-1',
  credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
};
const sqs = new SQSClient(config);
const sns = new SNSClient(config);
const tracer = trace.getTracer('messages');

const traced = (name, run) =>
  tracer.startActiveSpan(name, { attributes: { case: name } }, async (span) => {
    await run();
    span.end();
  });

await traced('setup', async () => {
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'orders' }));
  const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: 'events' }));
  await sns.send(
    new SubscribeCommand({
      TopicArn,
      Protocol: 'sqs',
      Endpoint: 'arn:aws:sqs:eu-west-1:123456789012:orders',
    }),
  );
  globalThis.names = { QueueUrl, TopicArn };
});
const { QueueUrl, TopicArn } = globalThis.names;

const receive = async () => {
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 600 }),
  );
  return Messages.length;
};

const counts = [await receive()];
await traced('send', () => sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'one' })));
await traced('batch', () =>
  sqs.send(
    new SendMessageBatchCommand({
      QueueUrl,
      Entries: ['1', '2'].map((Id) => ({ Id, MessageBody: Id })),
    }),
  ),
);
counts.push(await receive());
await traced('publish', () => sns.send(new PublishCommand({ TopicArn, Message: 'three' })));
counts.push(await receive());
counts.push(await receive());
console.log(JSON.stringify({ counts, active: trace.getSpan(context.active()) ?? null }));
