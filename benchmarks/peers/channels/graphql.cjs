/**
 * Measures a query of graphql: version 17, which publishes, or 16.
 *
 *   graphql.cjs otel-xray|instrumentation|no-op subscribers object|list
 */
const [subject, result] = process.argv.slice(2);

const { parse, execute, GraphQLSchema, GraphQLObjectType, GraphQLList, GraphQLString, GraphQLInt } =
  subject === 'instrumentation'
    ? require('../channels-graphql-16/node_modules/graphql')
    : require('graphql');
const { measure } = require('./measure.cjs');
const { subscribeNothing } = require('./no-op-subscribers.cjs');

if (subject === 'no-op subscribers') subscribeNothing('graphql:execute', ['end', 'asyncStart']);

const customer = new GraphQLObjectType({
  name: 'Customer',
  fields: { name: { type: GraphQLString } },
});
const order = new GraphQLObjectType({
  name: 'Order',
  fields: {
    id: { type: GraphQLString },
    total: { type: GraphQLInt },
    customer: { type: customer, resolve: async () => ({ name: 'Ada' }) },
  },
});
const orders = Array.from({ length: 100 }, (_, number) => ({ id: `${number}`, total: number }));
const query = new GraphQLObjectType({
  name: 'Query',
  fields: {
    order: { type: order, resolve: async () => orders[0] },
    orders: { type: new GraphQLList(order), resolve: async () => orders },
  },
});
const schema = new GraphQLSchema({ query });
const document = parse(
  result === 'list'
    ? 'query GetOrders { orders { id total } }'
    : 'query GetOrder { order { id total customer { name } } }',
);

measure(() => execute({ schema, document, contextValue: {} }), {
  traces: result === 'list' ? 5 : 20,
});
