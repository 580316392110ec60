import { subscribe, unsubscribe } from 'node:diagnostics_channel';

export const packages = [
  'openai',
  'groq-sdk',
  'together-ai',
  '@anthropic-ai/sdk',
  '@google/genai',
  'ai',
  '@ai-sdk/openai',
  'ai-6',
  'ai-sdk-openai-3',
  'ollama',
  'cohere-ai',
];

const API = process.env.URL_apis;
/** No server listens on it, and `fetch` does not refuse it. */
const NOWHERE = 'http://127.0.0.1:2';
const FAILURES = {
  400: { text: 'too long' },
  401: { text: 'no access' },
  429: { text: 'too many' },
  500: { text: 'out of order' },
  abort: { text: 'no answer', isAborted: true },
  // Long enough for the request to be sent.
  timeout: { text: 'no answer', timeout: 900 },
  'no server': { text: '', url: NOWHERE },
};

/** Aborts the next request when its head has been sent. */
function abortWhenSent(controller) {
  const onSent = () => {
    unsubscribe('undici:client:sendHeaders', onSent);
    unsubscribe('http.client.request.start', onSent);
    setImmediate(() => controller.abort());
  };
  subscribe('undici:client:sendHeaders', onSent);
  subscribe('http.client.request.start', onSent);
}

/** What fails, as options of a call. */
function withSignal(ask) {
  return ({ text, isAborted = false, timeout = 60_000, url = API }) => {
    const controller = new AbortController();
    if (isAborted) abortWhenSent(controller);
    const messages = [{ role: 'user', content: `secret ${text}` }];
    return ask({ messages, url, timeout, signal: controller.signal });
  };
}

const stainless = (Client, path = '') =>
  withSignal(({ messages, url, timeout, signal }) =>
    new Client({
      apiKey: 'key',
      baseURL: url + path,
      maxRetries: 0,
      timeout,
    }).chat.completions.create({ model: 'model-5', messages }, { signal }),
  );

const aiSdk = ({ generateText }, { createOpenAI }, more = {}) =>
  withSignal(({ messages, url, timeout, signal }) => {
    const model = createOpenAI({ apiKey: 'key', baseURL: `${url}/v1` }).chat('model-5');
    const abortSignal = timeout < 1_000 ? AbortSignal.timeout(timeout) : signal;
    return generateText({ model, messages, maxRetries: 0, abortSignal, ...more });
  });

export default async (libraries, runSteps) => {
  const [openai, groq, together, anthropic, google, ai, aiOpenAI, ai6, ai6OpenAI, ...chats] =
    libraries;
  const [ollama, cohere] = chats;
  const { Mistral } = await import('@mistralai/mistralai');
  const clients = {
    openai: stainless(openai.OpenAI, '/v1'),
    'groq-sdk': stainless(groq.Groq),
    'together-ai': stainless(together.Together, '/v1'),
    anthropic: withSignal(({ messages, url, timeout, signal }) =>
      new anthropic.Anthropic({
        apiKey: 'key',
        baseURL: url,
        maxRetries: 0,
        timeout,
      }).messages.create({ model: 'model-5', max_tokens: 100, messages }, { signal }),
    ),
    'google-genai': withSignal(({ messages, url, timeout, signal }) =>
      new google.GoogleGenAI({
        apiKey: 'key',
        httpOptions: { baseUrl: url, timeout },
      }).models.generateContent({
        model: 'model-5',
        contents: messages[0].content,
        config: { abortSignal: signal },
      }),
    ),
    ollama: withSignal(({ messages, url, timeout, signal }) => {
      // The client has no options for either.
      const ends = timeout < 1_000 ? AbortSignal.timeout(timeout) : signal;
      const fetchWithEnd = (address, options) => fetch(address, { ...options, signal: ends });
      return new ollama.Ollama({ host: url, fetch: fetchWithEnd }).chat({
        model: 'model-5',
        messages,
      });
    }),
    mistral: withSignal(({ messages, url, timeout, signal }) =>
      new Mistral({ apiKey: 'key', serverURL: url, timeoutMs: timeout }).chat.complete(
        { model: 'model-5', messages },
        // With a signal, the client has no timeout.
        timeout < 1_000 ? {} : { fetchOptions: { signal } },
      ),
    ),
    cohere: withSignal(({ messages, url, timeout, signal }) =>
      new cohere.CohereClientV2({ token: 'key', environment: url, maxRetries: 0 }).chat(
        { model: 'model-5', messages },
        { abortSignal: signal, timeoutInSeconds: timeout / 1000 },
      ),
    ),
    'ai 7': aiSdk(ai, aiOpenAI),
    'ai 6': aiSdk(ai6, ai6OpenAI, { experimental_telemetry: { isEnabled: true } }),
  };
  for (const [name, ask] of Object.entries(clients)) {
    await runSteps(
      Object.fromEntries(
        Object.entries(FAILURES).map(([kind, failure]) => [`${name} ${kind}`, () => ask(failure)]),
      ),
    );
  }
  // The client of Cohere leaves its timers behind.
  process.exit();
};
