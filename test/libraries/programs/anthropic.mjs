export const packages = ['@anthropic-ai/sdk'];

export default async ([{ default: Anthropic }], runSteps) => {
  const client = new Anthropic({ apiKey: 'key', baseURL: process.env.URL_apis });
  const request = (content) => ({
    model: 'claude-5',
    max_tokens: 100,
    messages: [{ role: 'user', content: `secret ${content}` }],
  });
  const ask = (content, more) => client.messages.create({ ...request(content), ...more });
  await runSteps({
    asks: async () => (await ask('question')).usage.output_tokens,
    streams: async () => {
      const types = [];
      for await (const { type } of await ask('question', { stream: true })) types.push(type);
      return types;
    },
    'streams a message': async () =>
      (await client.messages.stream(request('question')).finalMessage()).usage.output_tokens,
    'stops early': async () => {
      for await (const { type } of await ask('question', { stream: true })) return type;
    },
    'reads the response': async () => {
      const response = await ask('question').asResponse();
      return [response.status, (await response.json()).model];
    },
    fails: () => ask('that is too long'),
    'tries again': async () => (await ask('busy')).model,
    'has no server': () =>
      new Anthropic({
        apiKey: 'key',
        baseURL: 'http://127.0.0.1:1',
        maxRetries: 0,
      }).messages.create(request('question')),
  });
};
