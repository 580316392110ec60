import { trace } from '@opentelemetry/api';

/** Runs each step in a segment of its own, and prints what it returned or threw. */
export async function runSteps(steps) {
  for (const [name, run] of Object.entries(steps)) {
    await trace.getTracer('app').startActiveSpan(name, async (span) => {
      try {
        console.log(name, JSON.stringify(await run()));
      } catch (error) {
        console.log(name, 'threw', error.name, error.message);
      }
      span.end();
    });
    await nextMillisecond();
  }
}

/** Segments start at a millisecond, which is all that tells their order. */
async function nextMillisecond() {
  const now = Date.now();
  while (Date.now() === now) await new Promise((resolve) => setImmediate(resolve));
}
