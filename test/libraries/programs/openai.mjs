export const packages = ['openai'];

export default async ([{ OpenAI }], runSteps) => {
  const client = new OpenAI({ apiKey: 'key', baseURL: `${process.env.URL_apis}/v1` });
  const ask = (content, more) =>
    client.chat.completions.create({
      model: 'gpt-5',
      messages: [{ role: 'user', content: `secret ${content}` }],
      ...more,
    });
  const read = async (stream) => {
    const parts = [];
    for await (const part of stream) parts.push(part.choices[0]?.delta.content ?? '');
    return parts.join('').length;
  };
  await runSteps({
    asks: async () => (await ask('question')).usage.total_tokens,
    streams: async () =>
      read(await ask('question', { stream: true, stream_options: { include_usage: true } })),
    'stops early': async () => {
      for await (const { model } of await ask('question', { stream: true })) return model;
    },
    'reads the response': async () => {
      const response = await ask('question').asResponse();
      return [response.status, (await response.json()).model];
    },
    'reads both': async () => {
      const { data, response } = await ask('question').withResponse();
      return [response.status, data.model];
    },
    embeds: async () =>
      (await client.embeddings.create({ model: 'embed-5', input: 'secret text' })).data.length,
    responds: async () =>
      (await client.responses.create({ model: 'gpt-5', input: 'secret question' })).status,
    fails: () => ask('that is too long'),
    'tries again': async () => (await ask('busy')).model,
    'has no server': () =>
      new OpenAI({ apiKey: 'key', baseURL: 'http://127.0.0.1:1/v1', maxRetries: 0 }).models.list(),
  });
};
