import { z } from 'zod';

export const packages = ['ai', '@ai-sdk/openai'];

export default async ([ai, { createOpenAI }], runSteps) => {
  const { embed, generateText, streamText, tool, stepCountIs } = ai;
  const openai = createOpenAI({ apiKey: 'key', baseURL: `${process.env.URL_apis}/v1` });
  const model = openai.chat('gpt-5');
  const weather = tool({
    description: 'secret description',
    inputSchema: z.object({ city: z.string() }),
    async execute({ city }) {
      if (process.env.FAILING_TOOL) throw new RangeError('no weather');
      return { weather: `sunny in ${city.length}` };
    },
  });
  const ask = (prompt, more) =>
    generateText({ model, prompt: `secret ${prompt}`, maxRetries: 0, ...more });
  await runSteps({
    asks: async () => (await ask('question')).usage.totalTokens,
    'uses a tool': async () =>
      (await ask('question', { tools: { weather }, stopWhen: stepCountIs(3) })).steps.length,
    streams: async () => {
      let length = 0;
      for await (const part of streamText({ model, prompt: 'secret question' }).textStream) {
        length += part.length;
      }
      return length;
    },
    embeds: async () =>
      (await embed({ model: openai.embedding('embed-5'), value: 'secret text' })).embedding.length,
    fails: () => ask('that is too long'),
    'has a name': async () =>
      (await ask('question', { telemetry: { functionId: 'planner' } })).finishReason,
    'opts out': async () =>
      (await ask('question', { telemetry: { isEnabled: false } })).finishReason,
  });
};
