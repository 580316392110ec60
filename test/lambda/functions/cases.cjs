const { trace } = require('@opentelemetry/api');
const { once } = require('node:events');

const tracer = trace.getTracer('function');

/** One handler for all forms of answers; `event.do` says which. */
async function answer(event) {
  await tracer.startActiveSpan('work', async (span) => {
    await new Promise((resolve) => setTimeout(resolve, 2));
    span.end();
  });
  switch (event.do) {
    case 'throw':
      throw new RangeError('too far');
    case 'reject-text':
      return Promise.reject('plain');
    case 'http':
      return { statusCode: 503, body: 'busy' };
    case 'hang':
      tracer.startSpan('slow');
      return new Promise(() => setInterval(() => {}, 1_000));
    case 'reject-unheard':
      Promise.reject(new RangeError('too far'));
      return new Promise(() => setInterval(() => {}, 1_000));
    case 'throw-later':
      setImmediate(() => {
        throw new RangeError('too far');
      });
      return new Promise(() => setInterval(() => {}, 1_000));
    case 'exit':
      return process.exit(3);
    default:
      return { done: event.do ?? null, record: event.Records?.length ?? 0 };
  }
}

function throwNow() {
  tracer.startSpan('work').end();
  throw new TypeError('no promise yet');
}

async function stream(event, output) {
  tracer.startSpan('work').end();
  output.setContentType('text/plain');
  output.write('first,');
  if (event.do === 'throw') throw new Error('half way');
  output.end('last');
  await once(output, 'finish');
}

async function httpStream(event, output) {
  const response = awslambda.HttpResponseStream.from(output, { statusCode: event.status });
  response.end('done');
}

module.exports = { answer, throwNow, stream, httpStream };
