export default {
  schema: 'prisma/schema.prisma',
  datasource: { url: 'postgresql://app@127.0.0.1:1/postgres' },
};
