import { initTRPC, TRPCError } from '@trpc/server';
import { createHTTPServer } from '@trpc/server/adapters/standalone';

const t = initTRPC.create();
const router = t.router({
  user: t.router({
    get: t.procedure.query(async () => {
      await fetch(`http://127.0.0.1:${server.address().port}/stock`);
      return { name: 'Ann' };
    }),
  }),
  stock: t.procedure.query(() => 3),
  broken: t.procedure.query(() => {
    throw new TypeError('no basket');
  }),
  private: t.procedure.query(() => {
    throw new TRPCError({ code: 'UNAUTHORIZED', message: 'who are you' });
  }),
});
const server = createHTTPServer({ router }).listen(0, '127.0.0.1', () =>
  console.log(`port ${server.address().port}`),
);
