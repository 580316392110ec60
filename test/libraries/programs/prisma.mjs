import { PrismaClient } from './generated/client.ts';

export const packages = ['@prisma/adapter-pg', 'pg'];

export default async ([{ PrismaPg }, { default: pg }], runSteps) => {
  const connectionString = `postgresql://app@127.0.0.1:${process.env.PORT_postgres}/postgres`;
  const client = new pg.Client({ connectionString });
  await client.connect();
  await client.query(`
    DROP TABLE IF EXISTS "Post"; DROP TABLE IF EXISTS "User";
    CREATE TABLE "User" (id serial PRIMARY KEY, name text NOT NULL);
    CREATE TABLE "Post" (id serial PRIMARY KEY, title text NOT NULL, "userId" int NOT NULL)`);
  await client.end();
  const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString, max: 1 }) });
  await runSteps({
    creates: async () => {
      const posts = { create: [{ title: 'secret title' }] };
      return (await prisma.user.create({ data: { name: 'secret', posts } })).id;
    },
    reads: async () =>
      (await prisma.user.findMany({ where: { name: 'secret' }, include: { posts: true } })).length,
    transacts: async () =>
      (await prisma.$transaction([prisma.user.count(), prisma.post.count()])).length,
    'is raw': () => prisma.$queryRaw`SELECT 1 AS one`,
    fails: () =>
      prisma.user.findUniqueOrThrow({ where: { id: 99 } }).then(String, ({ code }) => code),
    'has wrong syntax': () => prisma.$queryRaw`SELEC 1`.then(String, ({ code }) => code),
  });
  await prisma.$disconnect();
};
