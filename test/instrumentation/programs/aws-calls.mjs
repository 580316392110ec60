// Makes calls with all AWS clients, in many ways, each inside a span with the name of its case.
// Prints what the app sees of each case. AWS_TEST_ENDPOINT names the server that answers.
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { APIGatewayClient, GetRestApisCommand } from '@aws-sdk/client-api-gateway';
import { BedrockRuntimeClient, InvokeModelCommand } from '@aws-sdk/client-bedrock-runtime';
import {
  CognitoIdentityProviderClient,
  ListUserPoolsCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { DynamoDBClient, GetItemCommand, paginateScan } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { KinesisClient, PutRecordCommand } from '@aws-sdk/client-kinesis';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { trace } from '@opentelemetry/api';
import { NodeHttpHandler } from '@smithy/node-http-handler';

const { AWS_TEST_ENDPOINT: url } = process.env;
const arn = 'arn:aws:states:eu-west-1:123456789012:stateMachine:m';
const topic = 'arn:aws:sns:eu-west-1:123456789012:orders';
const queue = `${url}/123456789012/orders`;

/** One call of each client. */
const CALLS = {
  apigateway: [APIGatewayClient, GetRestApisCommand, {}],
  bedrock: [
    BedrockRuntimeClient,
    InvokeModelCommand,
    { modelId: 'anthropic.claude-v2', body: '{"max_tokens":5}' },
  ],
  cognito: [CognitoIdentityProviderClient, ListUserPoolsCommand, { MaxResults: 1 }],
  documents: [DynamoDBClient, GetCommand, { TableName: 'carts', Key: { id: 1 } }],
  dynamodb: [DynamoDBClient, GetItemCommand, { TableName: 'carts', Key: { id: { S: '1' } } }],
  events: [EventBridgeClient, PutEventsCommand, { Entries: [{ Source: 's', Detail: '{}' }] }],
  kinesis: [
    KinesisClient,
    PutRecordCommand,
    { StreamName: 'clicks', Data: new Uint8Array(1), PartitionKey: '1' },
  ],
  lambda: [LambdaClient, InvokeCommand, { FunctionName: 'pay', Payload: '{}' }],
  s3: [S3Client, GetObjectCommand, { Bucket: 'images', Key: 'a/b.png' }],
  s3put: [S3Client, PutObjectCommand, { Bucket: 'images', Key: 'a/b.png', Body: 'x' }],
  secrets: [SecretsManagerClient, GetSecretValueCommand, { SecretId: 'db' }],
  sfn: [SFNClient, StartExecutionCommand, { stateMachineArn: arn, input: '{}' }],
  sns: [SNSClient, PublishCommand, { TopicArn: topic, Message: 'm' }],
  sqs: [SQSClient, SendMessageCommand, { QueueUrl: queue, MessageBody: 'm' }],
  sqsReceive: [SQSClient, ReceiveMessageCommand, { QueueUrl: queue }],
  ssm: [SSMClient, GetParameterCommand, { Name: 'p' }],
};

/** A client whose requests go below a path that tells the server how to answer. */
function clientOf(Client, way) {
  const client = new Client({
    endpoint: `${url}/${way}`,
    useQueueUrlAsEndpoint: false,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
    maxAttempts: 2,
    forcePathStyle: true,
    md5: false,
    // Bedrock speaks HTTP/2 otherwise, which the server does not.
    requestHandler: new NodeHttpHandler(),
  });
  return client;
}

const frozen = (value) => {
  if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value)) {
    Object.values(value).forEach(frozen);
    Object.freeze(value);
  }
  return value;
};

/** Sends a command with the client that knows it. */
const send = (client, command, ...rest) =>
  (command instanceof GetCommand ? DynamoDBDocumentClient.from(client) : client).send(
    command,
    ...rest,
  );

async function outcome(run) {
  try {
    const { $metadata, Body, ...result } = (await run()) ?? {};
    const body = await Body?.transformToString();
    return { status: $metadata?.httpStatusCode, attempts: $metadata?.attempts, body, ...result };
  } catch (error) {
    return { name: error.name, attempts: error.$metadata?.attempts };
  }
}

/** Ways to make a call, by the first part of the path that the server sees. */
const WAYS = {
  ok: (client, Command, input) => send(client, new Command(input)),
  throttled: (client, Command, input) => send(client, new Command(input)),
  denied: (client, Command, input) => send(client, new Command(input)),
  reset: (client, Command, input) => send(client, new Command(input)),
  hang(client, Command, input) {
    const controller = new AbortController();
    const handler = client.config.requestHandler;
    const { handle } = handler;
    handler.handle = function (...args) {
      const id = args[0].headers['amz-sdk-invocation-id'];
      const abortWhenSent = ({ request }) => {
        if (request.getHeader('amz-sdk-invocation-id') !== id) return;
        unsubscribe('http.client.request.start', abortWhenSent);
        request.once('finish', () => setImmediate(() => controller.abort()));
      };
      subscribe('http.client.request.start', abortWhenSent);
      return handle.apply(this, args);
    };
    return send(client, new Command(input), { abortSignal: controller.signal });
  },
  frozen: (client, Command, input) => send(client, Object.freeze(new Command(frozen(input)))),
  callback: (client, Command, input) =>
    new Promise((resolve, reject) => {
      send(client, new Command(input), (error, result) =>
        error ? reject(error) : resolve(result),
      );
    }),
};

const OTHERS = {
  async 'dynamodb reused'() {
    const client = clientOf(DynamoDBClient, 'ok');
    const command = new GetItemCommand({ TableName: 'carts', Key: { id: { S: '1' } } });
    await Promise.all([client.send(command), client.send(command)]);
    return client.send(command);
  },
  async 'dynamodb paginated'() {
    const client = clientOf(DynamoDBClient, 'pages');
    const pages = [];
    for await (const { Items } of paginateScan({ client }, { TableName: 'carts' }))
      pages.push(Items);
    return { pages };
  },
  async 's3 presigned'() {
    const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' };
    const client = new S3Client({ region: 'eu-west-1', credentials });
    const command = new GetObjectCommand({ Bucket: 'images', Key: 'a/b.png' });
    return { url: await getSignedUrl(client, command, { signingDate: new Date(0) }) };
  },
};

const cases = Object.entries(CALLS).flatMap(([name, [Client, Command, input]]) =>
  Object.entries(WAYS).map(([way, run]) => [
    `${name} ${way}`,
    () => run(clientOf(Client, way), Command, structuredClone(input)),
  ]),
);
const tracer = trace.getTracer('cases');
const runAll = (some) =>
  Promise.all(
    some.map(([name, run]) =>
      tracer.startActiveSpan(name, { attributes: { case: name } }, async (span) => {
        const seen = await outcome(run);
        span.end();
        return [name, seen];
      }),
    ),
  );
const all = [...cases, ...Object.entries(OTHERS)];
for (const line of await runAll(all)) console.log(JSON.stringify(line));
process.exit();
