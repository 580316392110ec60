import { createServer } from 'node:http';
import { createSchema, createYoga } from 'graphql-yoga';
import { resolversFor, typeDefs } from './graphql-schema.mjs';

const resolvers = resolversFor(() => server.address().port);
const schema = createSchema({ typeDefs, resolvers });
const yoga = createYoga({ schema, batching: true, logging: false });
const server = createServer(yoga).listen(0, '127.0.0.1', () => {
  console.log(`port ${server.address().port}`);
});
