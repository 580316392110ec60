import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { TranslatorOptions } from '../../../src/translator/context/options.ts';
import type { SpanAttributes } from '../../../src/translator/span.ts';
import { KIND, type SpanParts } from '../../support/span.ts';
import { child, oneDocument, translated } from '../../support/translated.ts';

interface Row {
  readonly rule: string;
  readonly kind?: keyof typeof KIND;
  readonly attributes: SpanAttributes;
  readonly options?: TranslatorOptions;
  readonly expected: object;
}

const MODEL = { 'gen_ai.request.model': 'gpt-5' };

const ROWS: readonly Row[] = [
  {
    rule: 'model and tokens are annotations (B-53), and the host names the call',
    attributes: {
      ...MODEL,
      'gen_ai.usage.input_tokens': 12,
      'gen_ai.usage.output_tokens': 34,
      'gen_ai.response.model': 'gpt-5-2026-08-01',
      'gen_ai.provider.name': 'openai',
      'server.address': 'api.openai.com',
    },
    expected: {
      name: 'api.openai.com',
      namespace: 'remote',
      annotations: {
        'gen_ai.request.model': 'gpt-5',
        'gen_ai.usage.input_tokens': 12,
        'gen_ai.usage.output_tokens': 34,
      },
    },
  },
  {
    rule: 'old names of tokens give the same annotations; the new name takes precedence',
    attributes: {
      'gen_ai.usage.prompt_tokens': 1,
      'gen_ai.usage.completion_tokens': 2,
      'gen_ai.usage.output_tokens': 3,
    },
    expected: {
      name: 'chat',
      annotations: { 'gen_ai.usage.input_tokens': 1, 'gen_ai.usage.output_tokens': 3 },
      metadata: { default: { 'gen_ai.usage.completion_tokens': 2 } },
    },
  },
  {
    rule: 'embeddings of the AI SDK up to version 6 have only names of their own',
    kind: 'INTERNAL',
    attributes: {
      'ai.operationId': 'ai.embed.doEmbed',
      'ai.model.id': 'embed-5',
      'ai.usage.tokens': 4,
    },
    expected: {
      annotations: { 'gen_ai.request.model': 'embed-5', 'gen_ai.usage.input_tokens': 4 },
    },
  },
  {
    rule: 'a name of the conventions takes precedence over one of the AI SDK',
    kind: 'INTERNAL',
    attributes: { 'ai.model.id': 'gpt-5-latest', ...MODEL },
    expected: { annotations: MODEL },
  },
  {
    rule: 'a call whose host is unknown is named after the provider (2.3 row 10b)',
    attributes: { 'gen_ai.system': 'openai', 'gen_ai.provider.name': 'anthropic' },
    expected: { name: 'anthropic', namespace: 'remote' },
  },
  {
    rule: 'work of an agent in this process keeps its own name',
    kind: 'INTERNAL',
    attributes: { 'gen_ai.provider.name': 'anthropic', ...MODEL },
    expected: { name: 'chat', namespace: undefined, annotations: MODEL },
  },
  {
    rule: 'an alias for the annotation takes precedence',
    attributes: MODEL,
    options: { indexedAttributeAliases: { 'gen_ai.request.model': 'model' } },
    expected: { annotations: { model: 'gpt-5' } },
  },
  {
    rule: 'the request of a call is local (B-54)',
    attributes: {
      'aws.xray.transport': true,
      'http.request.method': 'POST',
      'url.full': 'https://api.openai.com/v1/responses',
      'server.address': 'api.openai.com',
    },
    expected: {
      name: 'api.openai.com',
      namespace: undefined,
      http: { request: { method: 'POST', url: 'https://api.openai.com/v1/responses' } },
      metadata: undefined,
    },
  },
];

test.each(ROWS)('$rule', ({ kind = 'CLIENT', attributes, options, expected }) => {
  const document = oneDocument(child({ name: 'chat', kind, attributes }), options);
  const keys = Object.keys(expected) as (keyof typeof document)[];
  expect(Object.fromEntries(keys.map((key) => [key, document[key]]))).toEqual(expected);
});

test('of a split, only the dependency has the annotations', () => {
  const documents = translated({ kind: 'CLIENT', attributes: MODEL });
  expect(documents.map(({ annotations }) => annotations)).toEqual([MODEL, undefined]);
});

/** Attributes of OpenTelemetry (current and older), the AI SDK, OpenLLMetry and OpenInference. */
const CONTENT: readonly string[] = [
  'gen_ai.input.messages',
  'gen_ai.output.messages',
  'gen_ai.system_instructions',
  'gen_ai.tool.definitions',
  'gen_ai.tool.call.arguments',
  'gen_ai.tool.call.result',
  'gen_ai.prompt',
  'gen_ai.prompt.0.content',
  'gen_ai.completion',
  'gen_ai.completion.0.content',
  'gen_ai.event.content',
  'gen_ai.retrieval.query.text',
  'gen_ai.retrieval.documents',
  'ai.prompt',
  'ai.prompt.messages',
  'ai.prompt.tools',
  'ai.response.text',
  'ai.response.object',
  'ai.response.reasoning',
  'ai.response.toolCalls',
  'ai.result.text',
  'ai.toolCall.args',
  'ai.toolCall.result',
  'ai.value',
  'ai.values',
  'ai.schema',
  'traceloop.entity.input',
  'traceloop.entity.output',
  'llm.prompts.0.content',
  'llm.completions.0.content',
  'llm.input_messages.0.message.content',
  'llm.output_messages.0.message.content',
  'input.value',
  'output.value',
];
const CONTENT_EVENTS: readonly string[] = [
  'gen_ai.content.prompt',
  'gen_ai.content.completion',
  'gen_ai.system.message',
  'gen_ai.user.message',
  'gen_ai.assistant.message',
  'gen_ai.tool.message',
  'gen_ai.choice',
];
const SECRET = 'My card is 4111';

/** A span with a prompt somewhere, and options that show as much as they can. */
const spanWithPrompt: fc.Arbitrary<{ parts: SpanParts; options: TranslatorOptions }> = fc
  .record({
    kind: fc.constantFrom(...(Object.keys(KIND) as (keyof typeof KIND)[])),
    parent: fc.constantFrom(undefined, '1111111111111111'),
    key: fc.constantFrom(...CONTENT),
    value: fc.constantFrom<unknown>(SECRET, [SECRET], [`{"content":"${SECRET}"}`]),
    event: fc.constantFrom(...CONTENT_EVENTS, 'exception', 'step'),
    eventKey: fc.constantFrom('content', ...CONTENT),
    place: fc.constantFrom('attribute', 'event'),
    lists: fc.boolean(),
    indexAllAttributes: fc.boolean(),
  })
  .map(({ kind, parent, key, value, event, eventKey, place, lists, indexAllAttributes }) => {
    const isContent = CONTENT_EVENTS.includes(event);
    const inEvent = isContent || eventKey !== 'content' ? { [eventKey]: value } : {};
    return {
      parts: {
        kind,
        ...(parent !== undefined && { parent }),
        attributes: {
          ...MODEL,
          ...(place === 'attribute' && { [key]: value }),
          ...(lists && { 'aws.xray.annotations': [key] }),
        } as SpanAttributes,
        events:
          place === 'event'
            ? [
                {
                  name: event,
                  time: [1478293361, 0] as const,
                  attributes: inEvent as SpanAttributes,
                },
              ]
            : [],
      },
      options: { indexAllAttributes, indexedAttributes: ['gen_ai.*', 'ai.*', key] },
    };
  });

test('prompts and answers are in no document', () => {
  fc.assert(
    fc.property(spanWithPrompt, ({ parts, options }) => {
      expect(JSON.stringify(translated(parts, options))).not.toContain(SECRET);
    }),
    { numRuns: 2_000 },
  );
});

test.each(CONTENT)('%s is in the document with recordMessageContent', (key) => {
  const attributes = { [key]: SECRET };
  const events = [{ name: 'step', time: [1478293361, 0] as const, attributes }];
  const { metadata } = oneDocument(child({ attributes, events }), { recordMessageContent: true });
  expect(metadata?.['default']).toEqual(attributes);
  expect(metadata?.['events']).toMatchObject({ events: [{ attributes }] });
});

test.each(CONTENT_EVENTS)('the event %s is in the document with recordMessageContent', (name) => {
  const events = [{ name, time: [1478293361, 0] as const, attributes: { content: SECRET } }];
  const { metadata } = oneDocument(child({ events }), { recordMessageContent: true });
  expect(metadata?.['events']).toMatchObject({
    events: [{ name, attributes: { content: SECRET } }],
  });
});

test('other events of a model call stay', () => {
  const events = [
    { name: 'gen_ai.first_token', time: [1478293361, 0] as const, attributes: { index: 1 } },
  ];
  const { metadata } = oneDocument(child({ events }));
  expect(metadata?.['events']).toMatchObject({ events: [{ name: 'gen_ai.first_token' }] });
});
