import { trace } from '@opentelemetry/api';
import oracledb from 'oracledb';

// No Oracle Database can be installed for a test; a refused connection is traced by the same code.
const refused = { user: 'shop', password: 'secret', connectString: '127.0.0.1:1/orders' };
await trace.getTracer('app').startActiveSpan('order', async (span) => {
  await oracledb.getConnection(refused).catch((error) => console.log(error.code));
  span.end();
});
