import { SpanStatusCode, trace } from '@opentelemetry/api';
import { expect, test } from 'vitest';
import { recordModelError } from '../../../src/instrumentation/models/model-errors.ts';
import { startTracing } from '../../support/tracing.ts';

const named = (name: string, message: string, cause?: unknown): Error =>
  Object.assign(new Error(message, { cause }), { name });

async function spanOf(error: unknown) {
  const tracing = startTracing();
  const span = trace.getTracer('app').startSpan('call');
  recordModelError(span, error);
  span.end();
  const { attributes, status, events } = tracing.span('call');
  await tracing.close();
  return { attributes, status, events };
}

async function recorded(error: unknown): Promise<string> {
  const span = await spanOf(error);
  expect(span.status.code).toBe(SpanStatusCode.ERROR);
  return JSON.stringify(span);
}

test.each([
  ['SyntaxError', named('SyntaxError', '"secret" is not valid JSON')],
  ['ZodError', named('ZodError', 'expected secret')],
  ['AI_JSONParseError', named('AI_JSONParseError', 'Text: secret')],
  [
    'AI_APICallError',
    named('AI_APICallError', 'secret', named('AI_TypeValidationError', 'Value: secret')),
  ],
  [
    'SDKError',
    Object.assign(named('SDKError', 'Status 422. Body: {"input":"secret"}'), { body: '{}' }),
  ],
])('an error that quotes an answer is recorded by its name: %s', async (name, error) => {
  const text = await recorded(error);
  expect(text).not.toContain('secret');
  expect(text).toContain(`"error.type":"${name}"`);
});

test('the message of any other error is recorded, even in an endless chain of causes', async () => {
  const error = named('APIError', 'too many requests');
  error.cause = error;
  expect(await recorded(error)).toContain('too many requests');
  expect(await recorded('too many requests')).toContain('too many requests');
});

test('a message with the word is recorded if the error has no body', async () => {
  expect(await recorded(named('APIError', 'Body: missing'))).toContain('Body: missing');
});

class APIUserAbortError extends Error {}

test.each([
  ['AbortError', new DOMException('stopped by the user', 'AbortError')],
  ['APIUserAbortError', new APIUserAbortError('stopped by the user')],
  ['RequestAbortedError', named('RequestAbortedError', 'stopped by the user')],
])('a call that the app aborted has not failed: %s', async (type, error) => {
  const { status, events } = await spanOf(error);
  expect(status.code).toBe(SpanStatusCode.UNSET);
  expect(events.map(({ attributes }) => attributes)).toMatchObject([
    { 'exception.type': type, 'exception.message': 'stopped by the user' },
  ]);
});
