import { trace } from '@opentelemetry/api';
import DataLoader from 'dataloader';

const orders = new DataLoader(async (ids) => ids.map((id) => ({ id })), { name: 'orders' });
await trace.getTracer('app').startActiveSpan('basket', async (span) => {
  console.log(JSON.stringify(await Promise.all([orders.load(7), orders.load(8)])));
  span.end();
});
