import { trace } from '@opentelemetry/api';
import { GraphQLList, GraphQLObjectType, GraphQLSchema, GraphQLString, graphql } from 'graphql';

const order = new GraphQLObjectType({
  name: 'Order',
  fields: {
    id: { type: GraphQLString },
    item: { type: GraphQLString, resolve: async () => 'book' },
  },
});
const query = new GraphQLObjectType({
  name: 'Query',
  fields: {
    orders: { type: new GraphQLList(order), resolve: async () => [{ id: '1' }, { id: '2' }] },
    broken: {
      type: GraphQLString,
      resolve: () => {
        throw new TypeError('no basket');
      },
    },
  },
});
const schema = new GraphQLSchema({ query });
for (const source of ['query Orders { orders { id item } }', '{ broken }', '{ nonsense }']) {
  await trace.getTracer('app').startActiveSpan('request', async (span) => {
    await graphql({ schema, source });
    span.end();
  });
}
