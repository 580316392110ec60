import { normalizedExecutor } from '@graphql-tools/executor';
import { trace } from '@opentelemetry/api';
import { buildSchema, parse } from 'graphql';

const schema = buildSchema('type Query { order: Order } type Order { id: ID, total: Int }');
const document = parse('query GetOrder { order { id total } }');
const rootValue = { order: async () => ({ id: '7', total: 30 }) };
await trace.getTracer('app').startActiveSpan('request', async (span) => {
  console.log(JSON.stringify(await normalizedExecutor({ schema, document, rootValue })));
  span.end();
});
