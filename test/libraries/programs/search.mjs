export const packages = ['@elastic/elasticsearch', '@opensearch-project/opensearch'];

export default async ([{ Client: Elastic }, { Client: OpenSearch }], runSteps) => {
  const node = process.env.URL_apis;
  const clients = { elastic: new Elastic({ node }), open: new OpenSearch({ node }) };
  const query = { match: { name: 'secret' } };
  await runSteps({
    searches: async () =>
      (await clients.elastic.search({ index: 'users', query })).hits.hits.length,
    'finds nothing': () =>
      clients.elastic
        .get({ index: 'users', id: 'missing' })
        .then(String, ({ statusCode }) => statusCode),
    'searches in OpenSearch': async () =>
      (await clients.open.search({ index: 'users', body: { query } })).body.hits.hits.length,
  });
  for (const client of Object.values(clients)) await client.close();
};
