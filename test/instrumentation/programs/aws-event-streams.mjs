/** Reads the streamed responses of Lambda functions; prints what the app got. */
import { createServer } from 'node:http';
import { crc32 } from 'node:zlib';
import { InvokeWithResponseStreamCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { trace } from '@opentelemetry/api';

function header(name, value) {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(value.length);
  return [
    Buffer.from([name.length]),
    Buffer.from(name),
    Buffer.from([7]),
    length,
    Buffer.from(value),
  ];
}

/** A message of the event stream encoding of AWS. */
function event(type, body) {
  const headers = Buffer.concat([
    ...header(':message-type', 'event'),
    ...header(':event-type', type),
    ...header(':content-type', 'application/json'),
  ]);
  const prelude = Buffer.alloc(12);
  prelude.writeUInt32BE(16 + headers.length + body.length);
  prelude.writeUInt32BE(headers.length, 4);
  prelude.writeUInt32BE(crc32(prelude.subarray(0, 8)), 8);
  const message = Buffer.concat([prelude, headers, Buffer.from(body)]);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(message));
  return Buffer.concat([message, sum]);
}

const DETAILS = {
  errorType: 'SoldOut',
  errorMessage: 'no kettles',
  trace: ['SoldOut: no kettles'],
};
const ENDS = {
  complete: {},
  'failed function': { ErrorCode: 'Unhandled', ErrorDetails: JSON.stringify(DETAILS) },
  'function that ended its process': {
    ErrorCode: 'Runtime.ExitError',
    ErrorDetails: 'exit status 3',
  },
};

const server = createServer((request, response) => {
  const name = decodeURIComponent(request.url.split('/')[3]);
  response.writeHead(200, { 'content-type': 'application/vnd.amazon.eventstream' });
  response.write(event('PayloadChunk', 'first,'));
  response.write(event('PayloadChunk', 'last'));
  if (name in ENDS) response.end(event('InvokeComplete', JSON.stringify(ENDS[name])));
  if (name === 'cut by the server') setTimeout(() => response.destroy(), 20);
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const client = new LambdaClient({
  region: 'eu-west-1',
  endpoint: `http://127.0.0.1:${server.address().port}`,
  credentials: { accessKeyId: 'id', secretAccessKey: 'secret' },
  maxAttempts: 1,
});

async function read(name) {
  const seen = [];
  try {
    const command = new InvokeWithResponseStreamCommand({ FunctionName: name });
    const { EventStream } = await client.send(command);
    for await (const { PayloadChunk, InvokeComplete } of EventStream) {
      seen.push(InvokeComplete ?? Buffer.from(PayloadChunk.Payload).toString());
      if (name === 'left early') break;
    }
  } catch (error) {
    seen.push(error.message);
  }
  console.log(`${name}: ${JSON.stringify(seen)}`);
}

for (const name of [...Object.keys(ENDS), 'left early', 'cut by the server']) {
  await trace.getTracer('app').startActiveSpan('case', async (span) => {
    span.setAttribute('case', name);
    await read(name);
    span.end();
  });
}
client.destroy();
server.closeAllConnections();
server.close();
