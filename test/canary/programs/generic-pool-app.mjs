import { trace } from '@opentelemetry/api';
import { createPool } from 'generic-pool';

const pool = createPool({ create: async () => ({}), destroy: async () => {} }, { max: 1 });
await trace.getTracer('app').startActiveSpan('order', async (span) => {
  await pool.release(await pool.acquire());
  span.end();
});
await pool.drain();
await pool.clear();
