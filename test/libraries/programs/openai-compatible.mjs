export const packages = ['groq-sdk', 'together-ai', 'openai'];

const API = process.env.URL_apis;

export default async ([{ Groq }, { Together }, { OpenAI }], runSteps) => {
  const messages = [{ role: 'user', content: 'secret question' }];
  const clients = {
    'groq-sdk': new Groq({ apiKey: 'key', baseURL: API }),
    'together-ai': new Together({ apiKey: 'key', baseURL: `${API}/v1` }),
    // An API that is compatible with the one of OpenAI, such as that of DeepSeek.
    openai: new OpenAI({ apiKey: 'key', baseURL: `${API}/api` }),
  };
  for (const [name, client] of Object.entries(clients)) {
    const ask = (more) => client.chat.completions.create({ model: 'llama-5', messages, ...more });
    await runSteps({
      [`${name} asks`]: async () => (await ask()).usage.total_tokens,
      [`${name} streams`]: async () => {
        const parts = [];
        for await (const part of await ask({ stream: true })) {
          parts.push(part.choices[0]?.delta.content ?? '');
        }
        return parts.join('').length;
      },
      [`${name} reads the response`]: async () => (await ask().asResponse()).status,
      [`${name} reads both`]: async () => (await ask().withResponse()).data.usage.total_tokens,
      [`${name} embeds`]: async () =>
        (await client.embeddings.create({ model: 'embed-5', input: 'secret text' })).data.length,
    });
  }
};
