import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { crc32 } from 'node:zlib';

/** A request as an AWS client sent it. */
export interface RecordedCall {
  readonly path: string;
  readonly target: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** A server that answers AWS calls with success and keeps what it was sent. */
export interface AwsEndpoint extends AsyncDisposable {
  readonly url: string;
  /** In the order in which they came; emptied by `take`. */
  take(): readonly RecordedCall[];
}

type Answer = { readonly type: string; readonly body: string | Buffer; readonly status?: number };

const json = (value: unknown): Answer => ({
  type: 'application/x-amz-json-1.0',
  body: JSON.stringify(value),
});
const xml = (body: string): Answer => ({ type: 'text/xml', body });
const md5 = (value: string): string => createHash('md5').update(value).digest('hex');

interface Message {
  readonly Id: string;
  readonly MessageBody: string;
}

/** By `X-Amz-Target`. */
const TARGETS: Readonly<Record<string, (input: never) => Answer>> = {
  'AmazonSQS.SendMessage': ({ MessageBody }: Message) =>
    json({ MessageId: 'm-1', MD5OfMessageBody: md5(MessageBody) }),
  'AmazonSQS.SendMessageBatch': ({ Entries }: { Entries?: readonly Message[] }) =>
    json({
      Successful: Entries?.map(({ Id, MessageBody }) => ({
        Id,
        MessageId: `m-${Id}`,
        MD5OfMessageBody: md5(MessageBody),
      })),
    }),
  'AmazonSQS.ReceiveMessage': () =>
    json({ Messages: [{ MessageId: 'm-1', Body: 'm', MD5OfBody: md5('m') }] }),
  'AWSEvents.PutEvents': () => json({ FailedEntryCount: 0, Entries: [{ EventId: 'e-1' }] }),
  'AWSStepFunctions.StartExecution': () => json({ executionArn: 'arn:e', startDate: 1 }),
  'DynamoDB_20120810.GetItem': () => json({ Item: { id: { S: '1' } } }),
  'DynamoDB_20120810.PutItem': () => json({}),
};

/** By path, for the services that have no target. */
const PATHS: readonly (readonly [path: RegExp, answer: (body: string) => Answer])[] = [
  [/^\/2015-03-31\/functions\//, () => ({ type: 'application/json', body: '{"answer":42}' })],
  [/^\/model\/amazon\.titan-image\/invoke$/, () => ({ type: 'image/png', body: '\u0089PNG' })],
  [/^\/model\/[^/]+\/invoke$/, () => ({ type: 'application/json', body: '{"stop_reason":"end"}' })],
  [/^\/model\/[^/]+\/converse-stream$/, () => eventStream('messageStop', CONVERSATION)],
  [/^\/model\/[^/]+\/invoke-with-response-stream$/, () => eventStream('chunk', CHUNKS)],
  [/^\/b\/missing/, () => ({ ...xml('<Error><Code>NoSuchKey</Code></Error>'), status: 404 })],
  [/^\/b/, () => xml('<ListBucketResult><KeyCount>0</KeyCount></ListBucketResult>')],
  [/^\/$/, snsAnswer],
];

function snsAnswer(body: string): Answer {
  const action = new URLSearchParams(body).get('Action');
  return xml(
    `<${action}Response><${action}Result><MessageId>m-1</MessageId></${action}Result></${action}Response>`,
  );
}

const CONVERSATION = [{ stopReason: 'end_turn' }];
/** The second has a text that is no text: code that reads its length throws. */
const CHUNKS = [{ text: 'one' }, { text: null }, { text: 'three' }].map((chunk) => ({
  bytes: Buffer.from(JSON.stringify(chunk)).toString('base64'),
}));

function eventStream(name: string, events: readonly object[]): Answer {
  return {
    type: 'application/vnd.amazon.eventstream',
    body: Buffer.concat(events.map((event) => frame(name, JSON.stringify(event)))),
  };
}

/** @see https://smithy.io/2.0/aws/amazon-eventstream.html */
function frame(name: string, payload: string): Buffer {
  const headers = Buffer.concat(
    Object.entries({
      ':message-type': 'event',
      ':event-type': name,
      ':content-type': 'application/json',
    }).map(([key, value]) => {
      const length = Buffer.from([0, 0]);
      length.writeUInt16BE(value.length);
      return Buffer.concat([
        Buffer.from([key.length]),
        Buffer.from(key),
        Buffer.from([7]),
        length,
        Buffer.from(value),
      ]);
    }),
  );
  const message = Buffer.alloc(16 + headers.length + payload.length);
  message.writeUInt32BE(message.length, 0);
  message.writeUInt32BE(headers.length, 4);
  message.writeUInt32BE(crc32(message.subarray(0, 8)), 8);
  headers.copy(message, 12);
  message.write(payload, 12 + headers.length);
  message.writeUInt32BE(crc32(message.subarray(0, -4)), message.length - 4);
  return message;
}

function answerTo({ path, target, body }: RecordedCall): Answer {
  if (target !== undefined) {
    return TARGETS[target]?.(JSON.parse(body) as never) ?? { ...json({}), status: 400 };
  }
  const found = PATHS.find(([pattern]) => pattern.test(path));
  return found?.[1](body) ?? { ...xml('<Error/>'), status: 400 };
}

export async function startAwsEndpoint(): Promise<AwsEndpoint> {
  let calls: RecordedCall[] = [];
  const server = createServer(async (request, response) => {
    const { url: path = '', headers } = request;
    const target = headers['x-amz-target'] as string | undefined;
    const call: RecordedCall = { path, target, headers, body: await text(request) };
    calls.push(call);
    const { type, body, status = 200 } = answerTo(call);
    response.writeHead(status, { 'content-type': type, 'x-amzn-requestid': 'r-1' }).end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    take() {
      const taken = calls;
      calls = [];
      return taken;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
