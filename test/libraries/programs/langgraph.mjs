export const packages = [
  '@langchain/anthropic',
  '@langchain/langgraph',
  '@langchain/openai',
  '@langchain/core/tools',
  'langchain',
];

export default async (libraries, runSteps) => {
  const [{ ChatAnthropic }, { Annotation, StateGraph }, { ChatOpenAI }, { tool }, langchain] =
    libraries;
  const { z } = await import('zod');
  const url = process.env.URL_apis;
  const options = { apiKey: 'key', maxRetries: 0 };
  const claude = new ChatAnthropic({
    model: 'claude-5',
    ...options,
    clientOptions: { baseURL: url },
  });
  const gpt = new ChatOpenAI({
    model: 'gpt-5',
    ...options,
    configuration: { baseURL: `${url}/v1` },
  });
  const weather = tool(async ({ city }) => `secret sunny in ${city}`, {
    name: 'weather',
    description: 'secret description',
    schema: z.object({ city: z.string() }),
  });
  await runSteps({
    'asks Claude': async () => (await claude.invoke('secret question')).usage_metadata.total_tokens,
    'streams from Claude': async () => {
      let count = 0;
      for await (const _ of await claude.stream('secret question')) count += 1;
      return count > 0;
    },
    'runs a graph': async () => {
      const answer = async ({ text }) => ({ text: (await gpt.invoke(text)).content });
      const graph = new StateGraph(Annotation.Root({ text: Annotation }))
        .addNode('answer', answer)
        .addEdge('__start__', 'answer')
        .addEdge('answer', '__end__')
        .compile();
      return (await graph.invoke({ text: 'secret question' })).text.length;
    },
    'runs an agent': async () => {
      const agent = langchain.createAgent({ model: gpt, tools: [weather] });
      const messages = [{ role: 'user', content: 'secret question' }];
      return (await agent.invoke({ messages })).messages.length;
    },
  });
};
