import { buildSchema, GraphQLError, getIntrospectionQuery, graphqlSync } from 'graphql';

export const typeDefs = `
  type Order { id: ID! total: Int! }
  type User { id: ID! name: String! orders: [Order!]! }
  type Query { user(id: ID!): User stock: Int broken: Int secret: Int }
  type Mutation { rename(id: ID!, name: String!): User }
`;

// As libraries check the schemas that they build.
graphqlSync({ schema: buildSchema(typeDefs), source: getIntrospectionQuery() });

/** @param port of the server itself, which a resolver calls */
export const resolversFor = (port) => ({
  Query: {
    user: async (_parent, { id }) => {
      await fetch(`http://127.0.0.1:${port()}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query: 'query Stock { stock }' }),
      });
      return { id, name: 'Ann' };
    },
    stock: () => 3,
    broken: () => {
      throw new TypeError('no basket');
    },
    secret: () => {
      throw new GraphQLError('sign in', { extensions: { http: { status: 401 } } });
    },
  },
  User: {
    orders: async () => [
      { id: 1, total: 3 },
      { id: 2, total: 4 },
    ],
  },
  Mutation: { rename: (_parent, user) => ({ ...user }) },
});
