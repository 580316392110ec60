import { type Exception, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { librarySpans } from '../../../src/instrumentation/spans/library-spans.ts';
import { startTracing } from '../../support/tracing.ts';

const tracing = startTracing({ processors: [librarySpans() as never] });
beforeEach(() => tracing.reset());
afterAll(() => tracing.close());

/** Runs a call of a library with one HTTP request below it; `end` is called before both end. */
function call(scope: string, end: (call: Span, request: Span) => void, status?: number): void {
  trace.getTracer(scope).startActiveSpan('call', (span) => {
    const attributes = {
      'http.request.method': 'POST',
      ...(status !== undefined && { 'http.response.status_code': status }),
    };
    const request = trace
      .getTracer('undici')
      .startSpan('request', { kind: SpanKind.CLIENT, attributes });
    end(span, request);
    request.end();
    span.end();
  });
}

function fails(error: Exception): (span: Span) => void {
  return (span) => {
    span.recordException(error);
    span.setStatus({ code: SpanStatusCode.ERROR, message: String(Object(error).message) });
  };
}

const refused = { name: 'AI_APICallError', message: 'refused' };
const STATUS = 'aws.xray.handler.response_status';

test.each<[number | undefined, number | undefined]>([
  [400, 400],
  [429, 429],
  [503, 503],
  [200, undefined],
  [undefined, undefined],
])('a failed call of the AI SDK with an answer %s', (status, expected) => {
  call('ai', fails(refused), status);
  const { attributes, status: ended } = tracing.span('call');
  expect([attributes[STATUS], ended.code]).toEqual([expected, SpanStatusCode.ERROR]);
});

test('the last step counts: a tool that fails after an answer is a fault', () => {
  call(
    'ai',
    (span) => {
      trace.getTracer('ai').startSpan('ai.toolCall').end();
      fails({ name: 'RangeError', message: 'no weather' })(span);
    },
    400,
  );
  expect(tracing.span('call').attributes[STATUS]).toBeUndefined();
});

test('a call that the app aborted has not failed', () => {
  call('ai', fails({ name: 'AbortError', message: 'stopped' }));
  const { status, events } = tracing.span('call');
  expect(status.code).toBe(SpanStatusCode.UNSET);
  expect(events.map(({ attributes }) => attributes)).toMatchObject([
    { 'exception.type': 'AbortError' },
  ]);
});

test('an error that quotes an answer is recorded by its name', () => {
  call('ai', fails({ name: 'AI_JSONParseError', message: 'Text: secret' }), 200);
  const { attributes, status, events } = tracing.span('call');
  expect({ attributes, status, events }).toEqual({
    attributes: { 'error.type': 'AI_JSONParseError' },
    status: { code: SpanStatusCode.ERROR },
    events: [],
  });
});

const aborts = (_span: Span, request: Span): void =>
  request.recordException(new DOMException('stopped', 'AbortError'));

test.each([new DOMException('stopped', 'AbortError'), { name: 'AbortError', message: 'stopped' }])(
  'a call of Anthropic’s client has the cause of the request that the app aborted',
  (error) => {
    call('com.anthropic.sdk.typescript', (_span, request) => request.recordException(error));
    expect(tracing.span('call').events.map(({ attributes }) => attributes)).toMatchObject([
      { 'exception.message': 'stopped' },
    ]);
  },
);

test('a call of Anthropic’s client with a failed request has no cause that it did not record', () => {
  const error = { name: 'TypeError', message: 'failed' };
  call('com.anthropic.sdk.typescript', (_span, request) => request.recordException(error));
  expect(tracing.span('call').events).toEqual([]);
});

test.each([
  ['a failed call', SpanStatusCode.ERROR],
  ['an answered one', SpanStatusCode.OK],
])('%s of Anthropic’s client keeps what the client recorded', (_what, code) => {
  call('com.anthropic.sdk.typescript', (span, request) => {
    aborts(span, request);
    span.setStatus({ code });
  });
  expect(tracing.span('call')).toMatchObject({ events: [], status: { code } });
});

test('spans of other libraries are left alone', () => {
  call('shop', fails(refused), 400);
  const { attributes, status } = tracing.span('call');
  expect(attributes).toEqual({});
  expect(status).toEqual({ code: SpanStatusCode.ERROR, message: 'refused' });
});
