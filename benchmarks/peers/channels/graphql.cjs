/**
 * Measures a query of graphql: version 17, which publishes, or 16.
 *
 *   node --import otel-xray/register graphql.cjs otel-xray|instrumentation
 */
const [subject] = process.argv.slice(2);

const { parse, execute, buildSchema } =
  subject === 'instrumentation'
    ? require('../channels-graphql-16/node_modules/graphql')
    : require('graphql');
const { measure } = require('./measure.cjs');

const schema = buildSchema(`
  type Order { id: ID!, total: Int!, customer: Customer! }
  type Customer { name: String! }
  type Query { order(id: ID!): Order! }
`);
const order = { id: 'a', total: 30, customer: async () => ({ name: 'Ada' }) };
const document = parse('query GetOrder { order(id: "a") { id total customer { name } } }');

measure(
  () => execute({ schema, document, rootValue: { order: async () => order }, contextValue: {} }),
  { traces: 100 },
);
