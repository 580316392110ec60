export const packages = ['@google/genai'];

export default async ([{ GoogleGenAI }], runSteps) => {
  const client = (options) =>
    new GoogleGenAI({ httpOptions: { baseUrl: process.env.URL_apis }, ...options });
  const { models, chats } = client({ apiKey: 'key' });
  const vertex = client({ vertexai: true, apiKey: 'key' });
  const request = (contents) => ({ model: 'gemini-3-flash', contents: `secret ${contents}` });
  await runSteps({
    asks: async () => (await models.generateContent(request('question'))).text.length,
    streams: async () => {
      const parts = [];
      for await (const { text } of await models.generateContentStream(request('question'))) {
        parts.push(text);
      }
      return parts.join('').length;
    },
    'stops early': async () => {
      for await (const { text } of await models.generateContentStream(request('question'))) {
        return text.length;
      }
    },
    chats: async () => {
      const chat = chats.create({ model: 'gemini-3-flash' });
      return (await chat.sendMessage({ message: 'secret question' })).text.length;
    },
    embeds: async () =>
      (await models.embedContent({ ...request('text'), model: 'embed-3' })).embeddings.length,
    'asks Vertex AI': async () =>
      (await vertex.models.generateContent(request('question'))).text.length,
    fails: () => models.generateContent(request('question that is too long')),
    'has no server': () =>
      new GoogleGenAI({
        apiKey: 'key',
        httpOptions: { baseUrl: 'http://127.0.0.1:1' },
      }).models.generateContent(request('question')),
  });
};
