import { createServer } from 'node:http';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import middy from '@middy/core';
import AWSXRay from 'aws-xray-sdk-core';

const server = createServer((request, response) => {
  request.resume().on('end', () => {
    response.writeHead(200, { 'x-amzn-requestid': 'R-1' });
    response.end('{"Item":{"id":{"S":"7"}}}');
  });
});
server.listen(0, '127.0.0.1').unref();

async function load() {
  const client = AWSXRay.captureAWSv3Client(
    new DynamoDBClient({
      endpoint: `http://127.0.0.1:${server.address().port}`,
      region: 'eu-west-1',
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    }),
  );
  const { Item } = await client.send(
    new GetItemCommand({ TableName: 'orders', Key: { id: { S: '7' } } }),
  );
  return Item.id.S;
}

export async function dynamodb() {
  const subsegment = AWSXRay.getSegment().addNewSubsegment('load order');
  subsegment.addAnnotation('order', 7);
  const id = await load();
  subsegment.close();
  return { id };
}

export async function captured() {
  return AWSXRay.captureAsyncFunc('load order', async (subsegment) => {
    try {
      return { id: await load() };
    } finally {
      subsegment.close();
    }
  });
}

export async function queue(event) {
  for (const record of event.Records ?? [{ messageId: 'm-1' }]) {
    await AWSXRay.captureAsyncFunc('record', async (subsegment) => {
      subsegment.addMetadata('record', record.messageId, 'queue');
      subsegment.close();
    });
  }
  return {};
}

export async function failing() {
  const subsegment = AWSXRay.getSegment().addNewSubsegment('check');
  subsegment.close(new RangeError('out of stock'));
  return { status: 409 };
}

/** A middleware that opens a subsegment around the handler, as many write it by hand. */
const traced = () => {
  let segment;
  let subsegment;
  return {
    before() {
      segment = AWSXRay.getSegment();
      subsegment = segment.addNewSubsegment('handler');
      AWSXRay.setSegment(subsegment);
    },
    after() {
      subsegment.close();
      AWSXRay.setSegment(segment);
    },
  };
};
export const middleware = middy(async () => ({ id: await load() })).use(traced());
