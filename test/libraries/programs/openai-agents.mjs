export const packages = ['@openai/agents', 'openai'];

export default async ([agents, { default: OpenAI }], runSteps) => {
  const { z } = await import('zod');
  const { Agent, run, setDefaultOpenAIClient, setOpenAIAPI, setTracingDisabled, tool } = agents;
  setDefaultOpenAIClient(
    new OpenAI({ apiKey: 'key', baseURL: `${process.env.URL_apis}/v1`, maxRetries: 0 }),
  );
  setTracingDisabled(true);
  const weather = tool({
    name: 'weather',
    description: 'secret description',
    parameters: z.object({ city: z.string() }),
    execute: async ({ city }) => `secret sunny in ${city}`,
  });
  const planner = { name: 'planner', instructions: 'secret instructions', model: 'gpt-5' };
  await runSteps({
    'runs an agent': async () =>
      (await run(new Agent(planner), 'secret question')).finalOutput.length,
    'uses a tool': async () => {
      setOpenAIAPI('chat_completions');
      const agent = new Agent({ ...planner, tools: [weather] });
      return (await run(agent, 'secret question')).finalOutput.length;
    },
  });
};
