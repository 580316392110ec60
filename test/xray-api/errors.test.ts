import { expect, test } from 'vitest';
import { apiFailure, isTransient } from '../../src/xray-api/errors.ts';

const awsError = (name: string, status?: number, headers: Record<string, string> = {}) =>
  Object.assign(new Error('text'), {
    name,
    $metadata: { httpStatusCode: status },
    $response: { statusCode: status, headers },
  });

test.for([
  { thrown: awsError('ThrottledException', 429), kind: 'throttled' },
  { thrown: awsError('ThrottlingException', 400), kind: 'throttled' },
  { thrown: awsError('Unknown', 429), kind: 'throttled' },
  { thrown: awsError('InternalFailure', 500), kind: 'retry' },
  { thrown: awsError('Unknown', 503), kind: 'retry' },
  { thrown: awsError('TimeoutError'), kind: 'retry' },
  { thrown: Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }), kind: 'retry' },
  { thrown: 'no error at all', kind: 'retry' },
  { thrown: undefined, kind: 'retry' },
  { thrown: awsError('InvalidSignatureException', 403), kind: 'skewed' },
  { thrown: awsError('RequestExpired', 400), kind: 'skewed' },
  { thrown: awsError('ExpiredTokenException', 403), kind: 'credentials' },
  { thrown: awsError('UnrecognizedClientException', 403), kind: 'credentials' },
  { thrown: awsError('AccessDeniedException', 403), kind: 'denied' },
  { thrown: awsError('Unknown', 403), kind: 'denied' },
  { thrown: awsError('CredentialsProviderError'), kind: 'denied' },
  { thrown: awsError('Unknown', 413), kind: 'too-large' },
  { thrown: awsError('InvalidRequestException', 400), kind: 'rejected' },
  { thrown: awsError('Unknown', 400), kind: 'rejected' },
])('$thrown.name $thrown.$metadata.httpStatusCode is $kind', ({ thrown, kind }) => {
  expect(apiFailure(thrown).kind).toBe(kind);
});

test('Retry-After is read in seconds', () => {
  const delayOf = (headers: Record<string, string>) =>
    apiFailure(awsError('ThrottledException', 429, headers)).retryAfterMs;
  expect([
    delayOf({ 'retry-after': '2' }),
    delayOf({}),
    delayOf({ 'retry-after': 'soon' }),
  ]).toEqual([2_000, undefined, undefined]);
});

test('an error is reported in one line, with its name', () => {
  expect(apiFailure(awsError('AccessDeniedException', 403)).text).toBe(
    'AccessDeniedException: text',
  );
  expect(apiFailure(new Error('Error: text')).text).toBe('Error: text');
});

test.for([
  ['InternalFailure', true],
  ['ThrottlingException', true],
  ['ServiceUnavailable', true],
  ['503', true],
  ['InvalidTraceId', false],
  ['MissingId', false],
  [undefined, false],
] as const)('an unprocessed document with the code %s is sent again: %s', ([code, again]) => {
  expect(isTransient(code)).toBe(again);
});
