export const packages = ['openai'];

export default async ([{ OpenAI, AzureOpenAI, toFile }], runSteps) => {
  const client = new OpenAI({ apiKey: 'key', baseURL: `${process.env.URL_apis}/v1` });
  const azure = new AzureOpenAI({
    apiKey: 'key',
    endpoint: process.env.URL_apis,
    apiVersion: '2025-01-01',
  });
  const messages = [{ role: 'user', content: 'secret question' }];
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
    'streams a response': async () => {
      const types = [];
      const stream = { model: 'gpt-5', input: 'secret question', stream: true };
      for await (const { type } of await client.responses.create(stream)) types.push(type);
      return types;
    },
    'parses an answer': async () =>
      (await client.chat.completions.parse({ model: 'gpt-5', messages })).usage.total_tokens,
    'parses a response': async () =>
      (await client.responses.parse({ model: 'gpt-5', input: 'secret question' })).status,
    'cannot parse': () =>
      client.chat.completions.parse({
        model: 'gpt-5',
        messages,
        response_format: { type: 'json_schema', $parseRaw: JSON.parse },
      }),
    'parses nothing': () =>
      client.chat.completions.parse({
        model: 'gpt-5',
        messages: [{ role: 'user', content: 'too long' }],
      }),
    'uses the helper of streams': async () =>
      (await client.chat.completions.stream({ model: 'gpt-5', messages }).finalContent()).length,
    'completes a text': async () =>
      (await client.completions.create({ model: 'text-1', prompt: 'secret' })).choices.length,
    draws: async () =>
      (await client.images.generate({ model: 'image-1', prompt: 'secret cat' })).data.length,
    transcribes: async () => {
      const file = await toFile(Buffer.from('secret'), 'secret.mp3');
      return (await client.audio.transcriptions.create({ model: 'whisper-1', file })).text.length;
    },
    speaks: async () => {
      const speech = { model: 'tts-1', voice: 'alloy', input: 'secret text' };
      return (await (await client.audio.speech.create(speech)).arrayBuffer()).byteLength;
    },
    'asks Azure': async () =>
      (await azure.chat.completions.create({ model: 'gpt-5', messages })).usage.total_tokens,
    fails: () => ask('that is too long'),
    'tries again': async () => (await ask('busy')).model,
    'has no server': () =>
      new OpenAI({ apiKey: 'key', baseURL: 'http://127.0.0.1:1/v1', maxRetries: 0 }).models.list(),
  });
};
