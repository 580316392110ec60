import { z } from 'zod';

export const packages = ['ai-6', 'ai-sdk-openai-3'];

export default async ([ai, { createOpenAI }], runSteps) => {
  const { embed, generateText, streamText, tool, stepCountIs } = ai;
  const openai = createOpenAI({ apiKey: 'key', baseURL: `${process.env.URL_apis}/v1` });
  const telemetry = { experimental_telemetry: { isEnabled: true, functionId: 'planner' } };
  const call = { model: openai.chat('gpt-5'), maxRetries: 0, ...telemetry };
  const weather = tool({
    description: 'secret description',
    inputSchema: z.object({ city: z.string() }),
    execute: async ({ city }) => ({ weather: `secret sunny in ${city}` }),
  });
  const ask = (prompt, more) => generateText({ ...call, prompt: `secret ${prompt}`, ...more });
  await runSteps({
    asks: async () => (await ask('question')).usage.totalTokens,
    'uses a tool': async () =>
      (await ask('question', { tools: { weather }, stopWhen: stepCountIs(3) })).steps.length,
    streams: async () => {
      let length = 0;
      for await (const part of streamText({ ...call, prompt: 'secret question' }).textStream) {
        length += part.length;
      }
      return length;
    },
    embeds: async () => {
      const model = openai.embedding('embed-5');
      return (await embed({ model, value: 'secret text', ...telemetry })).embedding.length;
    },
    fails: () => ask('that is too long'),
    'has no telemetry': async () =>
      (await ask('question', { experimental_telemetry: undefined })).finishReason,
  });
};
