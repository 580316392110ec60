export const packages = ['@langchain/openai', '@langchain/core/tools'];

export default async ([{ ChatOpenAI, OpenAIEmbeddings }, { tool }], runSteps) => {
  const { z } = await import('zod');
  const options = {
    apiKey: 'key',
    maxRetries: 0,
    configuration: { baseURL: `${process.env.URL_apis}/v1` },
  };
  const model = new ChatOpenAI({ model: 'gpt-5', ...options });
  const weather = tool(async ({ city }) => `secret sunny in ${city}`, {
    name: 'weather',
    description: 'secret description',
    schema: z.object({ city: z.string() }),
  });
  await runSteps({
    asks: async () => (await model.invoke('secret question')).usage_metadata.total_tokens,
    streams: async () => {
      let length = 0;
      for await (const { content } of await model.stream('secret question'))
        length += content.length;
      return length;
    },
    'asks for a tool': async () => {
      const { tool_calls: calls } = await model.bindTools([weather]).invoke('secret question');
      return (await weather.invoke(calls[0])).content.length;
    },
    'cannot parse': () =>
      model
        .withStructuredOutput(z.object({ city: z.string() }), { method: 'jsonSchema' })
        .invoke('secret question'),
    embeds: async () =>
      (await new OpenAIEmbeddings({ model: 'embed-5', ...options }).embedQuery('secret')).length,
    fails: () => model.invoke('secret question that is too long'),
  });
};
