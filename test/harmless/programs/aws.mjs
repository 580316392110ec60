// Makes AWS calls with inputs that a tracer must not change, and prints what the app sees.
// Argument: the name of a way to call. AWS_ENDPOINT_URL names the server that answers.
import {
  BedrockRuntimeClient,
  ConverseStreamCommand,
  InvokeModelCommand,
  InvokeModelWithResponseStreamCommand,
} from '@aws-sdk/client-bedrock-runtime';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { PublishBatchCommand, PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import {
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { NodeHttpHandler } from '@smithy/node-http-handler';

const config = {
  region: 'eu-west-1',
  credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
  maxAttempts: 1,
};
const QueueUrl = `${process.env.AWS_ENDPOINT_URL}/000000000000/orders`;
const TopicArn = 'arn:aws:sns:eu-west-1:000000000000:orders';

/** Freezes an object and all in it. */
function frozen(value) {
  if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value)) {
    Object.values(value).forEach(frozen);
    Object.freeze(value);
  }
  return value;
}

const INPUTS = {
  'sns publish': [SNSClient, PublishCommand, { TopicArn, Message: 'm' }],
  'sns publish with attributes': [
    SNSClient,
    PublishCommand,
    { TopicArn, Message: 'm', MessageAttributes: { a: { DataType: 'String', StringValue: 'v' } } },
  ],
  'sns publish batch': [
    SNSClient,
    PublishBatchCommand,
    { TopicArn, PublishBatchRequestEntries: [{ Id: '1', Message: 'm' }] },
  ],
  'sqs send': [SQSClient, SendMessageCommand, { QueueUrl, MessageBody: 'm' }],
  'sqs send batch': [
    SQSClient,
    SendMessageBatchCommand,
    {
      QueueUrl,
      Entries: [
        { Id: '1', MessageBody: 'm' },
        {
          Id: '2',
          MessageBody: 'n',
          MessageAttributes: { a: { DataType: 'String', StringValue: 'v' } },
        },
      ],
    },
  ],
  'sqs send batch without entries': [
    SQSClient,
    SendMessageBatchCommand,
    { QueueUrl, Entries: null },
  ],
  'sqs receive': [SQSClient, ReceiveMessageCommand, { QueueUrl, MessageAttributeNames: ['own'] }],
  'lambda invoke': [
    LambdaClient,
    InvokeCommand,
    { FunctionName: 'f', Payload: new TextEncoder().encode('{}') },
  ],
  'lambda invoke with context': [
    LambdaClient,
    InvokeCommand,
    { FunctionName: 'f', ClientContext: 'not base64 of JSON' },
  ],
  'eventbridge put events': [
    EventBridgeClient,
    PutEventsCommand,
    {
      Entries: [
        { Source: 's', DetailType: 't', Detail: '{}' },
        { Source: 's', TraceHeader: 'own' },
      ],
    },
  ],
  'step functions start': [
    SFNClient,
    StartExecutionCommand,
    { stateMachineArn: 'arn:aws:states:eu-west-1:000000000000:stateMachine:m', input: '{}' },
  ],
  's3 list': [S3Client, ListObjectsV2Command, { Bucket: 'b' }],
  's3 get': [S3Client, GetObjectCommand, { Bucket: 'b', Key: 'missing' }],
  'dynamodb get': [DynamoDBClient, GetItemCommand, { TableName: 't', Key: { id: { S: '1' } } }],
  'bedrock text': [
    BedrockRuntimeClient,
    InvokeModelCommand,
    { modelId: 'anthropic.claude-v2', body: '{"max_tokens":5}' },
  ],
  'bedrock bytes': [
    BedrockRuntimeClient,
    InvokeModelCommand,
    { modelId: 'anthropic.claude-v2', body: new TextEncoder().encode('{"max_tokens":5}') },
  ],
  'bedrock bytes that are no JSON': [
    BedrockRuntimeClient,
    InvokeModelCommand,
    { modelId: 'anthropic.claude-v2', body: new Uint8Array([255, 0, 1]) },
  ],
  'bedrock text that is no JSON': [
    BedrockRuntimeClient,
    InvokeModelCommand,
    { modelId: 'amazon.titan-image', body: 'a cat' },
  ],
  'bedrock null': [
    BedrockRuntimeClient,
    InvokeModelCommand,
    { modelId: 'mistral.large', body: 'null' },
  ],
  'bedrock answer that is no JSON': [
    BedrockRuntimeClient,
    InvokeModelCommand,
    { modelId: 'amazon.titan-image', body: '{}', accept: 'image/png' },
  ],
  'bedrock without a model': [BedrockRuntimeClient, InvokeModelCommand, { body: '{}' }],
};

const OPTIONS = new Map([
  [S3Client, { forcePathStyle: true }],
  // Speaks HTTP/2 otherwise, which the endpoint does not.
  [BedrockRuntimeClient, { requestHandler: new NodeHttpHandler() }],
]);
const client = (Client) => new Client({ ...config, ...OPTIONS.get(Client) });

/** What a call comes to, without what differs between two runs. */
async function outcome(call) {
  try {
    const { $metadata, ...result } = await call();
    const body =
      result.body === undefined ? {} : { body: Buffer.from(result.body).toString('latin1') };
    return { status: $metadata.httpStatusCode, ...result, ...body };
  } catch (error) {
    return { name: error.name, message: error.message, status: error.$metadata?.httpStatusCode };
  }
}

const print = (value) => console.log(JSON.stringify(value));

/** Ways to hand an input over. */
const WAYS = {
  async plain([Client, Command, input]) {
    const before = structuredClone(input);
    const command = new Command(input);
    const keys = Reflect.ownKeys(command).length;
    print(await outcome(() => client(Client).send(command)));
    print({
      unchanged: JSON.stringify(input) === JSON.stringify(before),
      marks: Reflect.ownKeys(command).length - keys,
    });
  },
  async frozen([Client, Command, input]) {
    const command = Object.freeze(new Command(frozen(input)));
    print(await outcome(() => client(Client).send(command)));
  },
  async 'null prototype'([Client, Command, input]) {
    print(
      await outcome(() =>
        client(Client).send(new Command(Object.assign(Object.create(null), input))),
      ),
    );
  },
  async 'class with getters'([Client, Command, input]) {
    class Input {}
    for (const [name, value] of Object.entries(input)) {
      Object.defineProperty(Input.prototype, name, { get: () => value, enumerable: true });
    }
    print(await outcome(() => client(Client).send(new Command(new Input()))));
  },
  async proxy([Client, Command, input]) {
    let writes = 0;
    const proxy = new Proxy(input, {
      set: () => {
        writes += 1;
        return false;
      },
      defineProperty: () => {
        writes += 1;
        return false;
      },
    });
    print(await outcome(() => client(Client).send(new Command(proxy))));
    print({ writes });
  },
  async 'throwing getter'([Client, Command, input]) {
    const hostile = Object.defineProperty({ ...input }, 'Unknown', {
      enumerable: true,
      get() {
        throw new Error('not yours to read');
      },
    });
    print(await outcome(() => client(Client).send(new Command(hostile))));
  },
  async callback([Client, Command, input]) {
    const returned = await new Promise((resolve) => {
      client(Client).send(new Command(frozen(input)), (error, result) =>
        resolve({ error: error?.name, status: result?.$metadata.httpStatusCode }),
      );
    });
    print(returned);
  },
  async 'middleware that throws'([Client, Command, input]) {
    const used = client(Client);
    used.middlewareStack.add(
      () => () => {
        throw new RangeError('in a middleware');
      },
      { step: 'initialize', priority: 'high' },
    );
    try {
      const promise = used.send(new Command(input));
      print({ isPromise: promise instanceof Promise });
      print(await outcome(() => promise));
    } catch (error) {
      print({ thrown: error.name });
    }
  },
  async 'sent three times'([Client, Command, input]) {
    const command = new Command(input);
    for (let time = 0; time < 3; time += 1)
      print(await outcome(() => client(Client).send(command)));
    print(
      input.MessageSystemAttributes ??
        input.Entries?.map(({ TraceHeader = null, MessageSystemAttributes = null }) => [
          TraceHeader,
          MessageSystemAttributes,
        ]) ??
        null,
    );
  },
};

const OTHERS = {
  async streams() {
    const claude = { modelId: 'anthropic.claude-v2', messages: [] };
    const { stream } = await client(BedrockRuntimeClient).send(new ConverseStreamCommand(claude));
    for await (const item of stream) print(item);
    const model = { modelId: 'cohere.command-r', body: new TextEncoder().encode('{}') };
    const invoke = () =>
      client(BedrockRuntimeClient).send(new InvokeModelWithResponseStreamCommand(model));
    for await (const item of (await invoke()).body) print(Buffer.from(item.chunk.bytes).toString());
    for await (const item of (await invoke()).body) {
      print(Buffer.from(item.chunk.bytes).toString());
      break;
    }
  },
  async 'document client'() {
    const documents = DynamoDBDocumentClient.from(client(DynamoDBClient));
    const item = frozen({
      TableName: 't',
      Item: { id: 1, tags: new Set(['a']), nested: { list: [1, 2] } },
    });
    print(await outcome(() => documents.send(new PutCommand(item))));
  },
};

const [, , way] = process.argv;
await OTHERS[way]?.();
for (const [name, call] of Object.entries(WAYS[way] ? INPUTS : {})) {
  print(name);
  await WAYS[way](call);
}
