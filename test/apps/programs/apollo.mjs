import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { resolversFor, typeDefs } from './graphql-schema.mjs';

let port;
const server = new ApolloServer({
  typeDefs,
  resolvers: resolversFor(() => port),
  allowBatchedHttpRequests: true,
});
const { url } = await startStandaloneServer(server, { listen: { port: 0, host: '127.0.0.1' } });
port = new URL(url).port;
console.log(`port ${port}`);
