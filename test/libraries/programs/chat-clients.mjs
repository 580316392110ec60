export const packages = ['ollama', 'cohere-ai'];

export default async ([{ Ollama }, { CohereClientV2 }], runSteps) => {
  const url = process.env.URL_apis;
  // Its package has ES modules only.
  const { Mistral } = await import('@mistralai/mistralai');
  const messages = [{ role: 'user', content: 'secret question' }];
  const count = async (stream, textOf) => {
    let length = 0;
    for await (const item of stream) length += textOf(item)?.length ?? 0;
    return length;
  };

  const ollama = new Ollama({ host: url });
  const llama = { model: 'llama', messages, options: { temperature: 0.5, num_predict: 9 } };
  await runSteps({
    'Ollama chats': async () => (await ollama.chat(llama)).message.content.length,
    'Ollama streams': async () =>
      count(await ollama.chat({ ...llama, stream: true }), ({ message }) => message.content),
    'Ollama stops early': async () => {
      for await (const { model } of await ollama.chat({ ...llama, stream: true })) return model;
    },
    'Ollama generates': async () =>
      (await ollama.generate({ model: 'llama', prompt: 'secret question' })).response.length,
    'Ollama embeds': async () =>
      (await ollama.embed({ model: 'llama', input: 'secret text' })).embeddings.length,
  });

  const mistral = new Mistral({ apiKey: 'key', serverURL: url });
  const small = { model: 'mistral-small', messages, maxTokens: 9 };
  await runSteps({
    'Mistral chats': async () =>
      (await mistral.chat.complete(small)).choices[0].message.content.length,
    'Mistral streams': async () =>
      count(await mistral.chat.stream(small), ({ data }) => data.choices[0]?.delta.content),
    'Mistral reads a stream': async () => {
      const reader = (await mistral.chat.stream(small)).getReader();
      const { value } = await reader.read();
      await reader.cancel();
      return value.data.model;
    },
    'Mistral asks an agent': async () =>
      (await mistral.agents.complete({ agentId: 'ag_1', messages })).usage.totalTokens,
    'Mistral embeds': async () =>
      (await mistral.embeddings.create({ model: 'mistral-embed', inputs: ['secret text'] })).data
        .length,
  });

  const cohere = new CohereClientV2({ token: 'key', environment: url });
  const command = { model: 'command-a', messages, temperature: 0.5 };
  await runSteps({
    'Cohere chats': async () => (await cohere.chat(command)).message.content[0].text.length,
    'Cohere shows the response': async () =>
      (await cohere.chat(command).withRawResponse()).rawResponse.status,
    'Cohere streams': async () =>
      count(await cohere.chatStream(command), ({ delta }) => delta?.message?.content?.text),
    'Cohere embeds': async () => {
      const model = 'embed-v4';
      const texts = ['secret text'];
      const { embeddings } = await cohere.embed({ model, texts, inputType: 'search_query' });
      return embeddings.float.length;
    },
  });
};
