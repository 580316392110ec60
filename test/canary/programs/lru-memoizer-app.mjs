import { trace } from '@opentelemetry/api';
import memoizer from 'lru-memoizer';

const tracer = trace.getTracer('app');
const priceOf = memoizer({
  load: (item, callback) => setImmediate(callback, null, item.length),
  hash: (item) => item,
  max: 10,
});
// The second call waits for the first, and continues in its own request.
await Promise.all(
  ['first', 'second'].map((name) =>
    tracer.startActiveSpan(name, async (span) => {
      await new Promise((resolve) => priceOf('book', resolve));
      await new Promise((resolve) =>
        priceOf('book', () => {
          tracer.startSpan(`${name} continues`).end();
          resolve();
        }),
      );
      span.end();
    }),
  ),
);
