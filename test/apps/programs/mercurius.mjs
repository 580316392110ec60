import Fastify from 'fastify';
import mercurius from 'mercurius';
import { resolversFor, typeDefs } from './graphql-schema.mjs';

const app = Fastify();
app.register(mercurius, {
  schema: typeDefs,
  allowBatchedQueries: true,
  resolvers: resolversFor(() => app.server.address().port),
});
await app.listen({ port: 0, host: '127.0.0.1' });
console.log(`port ${app.server.address().port}`);
