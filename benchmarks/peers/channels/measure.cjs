const { trace } = require('@opentelemetry/api');

const CALLS = 25;

/**
 * Measures a call whenever the parent process asks: makes some traces of 25 calls each and sends the CPU
 * time of a call in microseconds. It includes the time since the last turn, in which V8 collects garbage
 * of that turn.
 *
 * @param call takes the number of the call within its trace
 * @param options `traces`: made each time, fewer for a call that takes longer
 */
exports.measure = function measure(call, { traces = 100 } = {}) {
  const tracer = trace.getTracer('app');
  let last = process.cpuUsage();
  process.on('message', async () => {
    for (let index = 0; index < traces; index += 1) {
      await tracer.startActiveSpan('request', async (span) => {
        await Promise.all(Array.from({ length: CALLS }, (_, number) => call(number)));
        span.end();
      });
    }
    const { user, system } = process.cpuUsage(last);
    last = process.cpuUsage();
    process.send((user + system) / traces / CALLS);
  });
  process.send('ready');
};
