import { createServer } from 'node:http';
import { Tracer } from '@aws-lambda-powertools/tracer';
import { captureLambdaHandler } from '@aws-lambda-powertools/tracer/middleware';
import middy from '@middy/core';

const tracer = new Tracer({ serviceName: 'orders' });
const server = createServer((_request, response) => response.end('3'));
server.listen(0, '127.0.0.1').unref();

async function work(event) {
  tracer.putAnnotation('order', event.id);
  tracer.putMetadata('event', event);
  const { port } = server.address();
  const stock = await (await fetch(`http://127.0.0.1:${port}/stock`)).text();
  return { stock: Number(stock) };
}

/** As in the documentation of Powertools, "Middy". */
export const byMiddleware = middy(work).use(captureLambdaHandler(tracer));

/** As in its documentation, "Manual". */
export async function byHand(event) {
  const segment = tracer.getSegment();
  const subsegment = segment.addNewSubsegment(`## ${process.env._HANDLER}`);
  tracer.setSegment(subsegment);
  tracer.annotateColdStart();
  tracer.addServiceNameAnnotation();
  try {
    const result = await work(event);
    tracer.addResponseAsMetadata(result, process.env._HANDLER);
    return result;
  } catch (error) {
    tracer.addErrorAsMetadata(error);
    throw error;
  } finally {
    subsegment.close();
    tracer.setSegment(segment);
  }
}

class Handler {
  async handle(event) {
    return work(event);
  }
  async fails() {
    throw new RangeError('sold out');
  }
}
/** What the decorator of its documentation does when TypeScript compiles it. */
function decorated(method) {
  const descriptor = { value: Handler.prototype[method] };
  return tracer.captureLambdaHandler()(Handler.prototype, method, descriptor) ?? descriptor;
}
const instance = new Handler();
export const byDecorator = decorated('handle').value.bind(instance);
export const fails = decorated('fails').value.bind(instance);
