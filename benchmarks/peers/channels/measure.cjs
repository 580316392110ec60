const { trace } = require('@opentelemetry/api');

const CALLS = 25;
const ROUNDS = 12;

/**
 * Measures the CPU time of a call in traces of 25. Prints one JSON line and exits.
 *
 * @param call takes the number of the call within its trace
 * @param options `traces`: in each of the rounds, fewer for a call that takes longer
 */
exports.measure = async function measure(call, { traces = 400 } = {}) {
  const tracer = trace.getTracer('app');
  const perCall = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const before = process.cpuUsage();
    for (let index = 0; index < traces; index += 1) {
      await tracer.startActiveSpan('request', async (span) => {
        await Promise.all(Array.from({ length: CALLS }, (_, number) => call(number)));
        span.end();
      });
    }
    const { user, system } = process.cpuUsage(before);
    perCall.push((user + system) / traces / CALLS);
  }
  const warm = perCall.slice(ROUNDS / 2).sort((a, b) => a - b);
  process.stdout.write(`${JSON.stringify({ microseconds: warm[warm.length >> 1] })}\n`);
  process.exit();
};
