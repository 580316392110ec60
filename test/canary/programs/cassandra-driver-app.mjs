import { trace } from '@opentelemetry/api';
import cassandra from 'cassandra-driver';

// There is no server for a test; a query that fails is traced by the same code.
const client = new cassandra.Client({
  contactPoints: ['127.0.0.1:1'],
  localDataCenter: 'dc1',
  keyspace: 'shop',
});
await trace.getTracer('app').startActiveSpan('order', async (span) => {
  const query = "SELECT total FROM orders WHERE card = 'secret'";
  await client.execute(query).catch((error) => console.log(error.name));
  span.end();
});
await client.shutdown();
