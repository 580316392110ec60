import { expect, test } from 'vitest';
import type { CauseBlock, SegmentDocument } from '../../../src/translator/document.ts';
import type { SpanAttributes, SpanEvent } from '../../../src/translator/span.ts';
import type { KIND, SpanParts } from '../../support/span.ts';
import { translated } from '../../support/translated.ts';

const ERROR = { code: 2 };

function exception(attributes: SpanAttributes): SpanEvent {
  return { name: 'exception', time: [1478293361, 300_000_000], attributes };
}

function documentOf(parts: SpanParts, options = {}): SegmentDocument {
  const [document] = translated(
    { kind: 'INTERNAL', parent: '1111111111111111', ...parts },
    options,
  );
  return document as SegmentDocument;
}

const exceptionsOf = (document: SegmentDocument): CauseBlock['exceptions'] | undefined =>
  (document.cause as CauseBlock | undefined)?.exceptions;

interface Row {
  readonly rule: string;
  readonly kind?: keyof typeof KIND;
  readonly attributes?: SpanAttributes;
  readonly status?: { readonly code: number; readonly message?: string };
  readonly exceptionType?: string;
  /** e, f and t for error, fault and throttle. */
  readonly flags: string;
}

const SDK = { 'rpc.system': 'aws-api' };

const FLAGS: readonly Row[] = [
  { rule: 'a successful request has no flags', flags: '' },
  { rule: '404 is an error', attributes: { 'http.response.status_code': 404 }, flags: 'e' },
  {
    rule: '404 takes precedence over the span status',
    attributes: { 'http.response.status_code': 404 },
    status: ERROR,
    flags: 'e',
  },
  { rule: '429 is throttled', attributes: { 'http.status_code': '429' }, flags: 'et' },
  { rule: '500 is a fault', attributes: { 'http.response.status_code': 500 }, flags: 'f' },
  {
    rule: '200 with an ERROR is a fault',
    attributes: { 'http.response.status_code': 200 },
    status: ERROR,
    flags: 'f',
  },
  {
    rule: 'a client that disconnects is an error, not a fault (B-47)',
    kind: 'SERVER',
    attributes: { 'error.type': 'ClientDisconnectedError', 'http.response.status_code': 200 },
    status: ERROR,
    flags: 'e',
  },
  {
    rule: 'a client that disconnects while the server fails',
    kind: 'SERVER',
    attributes: { 'error.type': 'ClientDisconnectedError', 'http.response.status_code': 500 },
    status: ERROR,
    flags: 'f',
  },
  {
    rule: 'an incomplete response is a fault',
    kind: 'SERVER',
    attributes: { 'error.type': 'ResponseAbortedError', 'http.response.status_code': 200 },
    status: ERROR,
    flags: 'f',
  },
  ...(['200', '404', '429', '500'] as const).map((answer, i) => ({
    rule: `a handler follows the response ${answer} (B-50)`,
    kind: 'INTERNAL' as const,
    attributes: { 'aws.xray.handler.response_status': Number(answer) },
    status: ERROR,
    flags: ['', 'e', 'et', 'f'][i] ?? '',
  })),
  {
    rule: 'a handler with an HTTP status uses that status, not the response',
    kind: 'INTERNAL',
    attributes: { 'aws.xray.handler.response_status': 500, 'http.response.status_code': 200 },
    status: ERROR,
    flags: '',
  },
  { rule: 'an ERROR without a code is a fault', status: ERROR, flags: 'f' },
  {
    rule: 'a status message without ERROR sets no flag',
    status: { code: 0, message: 'm' },
    flags: '',
  },
  {
    rule: 'an invalid status code with an ERROR',
    attributes: { 'http.response.status_code': 999 },
    status: ERROR,
    flags: 'f',
  },
  {
    rule: 'a valid stable status code takes precedence over the old one',
    attributes: { 'http.response.status_code': 200, 'http.status_code': 500 },
    flags: '',
  },
  {
    rule: 'AWS throttling with 400 (B-27)',
    attributes: { ...SDK, 'http.response.status_code': 400, 'error.type': 'ThrottlingException' },
    status: ERROR,
    flags: 'et',
  },
  {
    rule: 'AWS throttling with 503',
    attributes: { ...SDK, 'http.response.status_code': 503 },
    exceptionType: 'SlowDown',
    status: ERROR,
    flags: 'ft',
  },
  {
    rule: 'AWS throttling without a code',
    attributes: { ...SDK, 'aws.error.code': 'Throttling' },
    status: ERROR,
    flags: 'et',
  },
  {
    rule: 'AWS throttling followed by a successful retry',
    attributes: { ...SDK, 'http.response.status_code': 200 },
    exceptionType: 'Throttling',
    flags: '',
  },
  {
    rule: 'a throttling error code outside AWS',
    attributes: { 'error.type': 'Throttling' },
    status: ERROR,
    flags: 'f',
  },
  {
    rule: 'gRPC RESOURCE_EXHAUSTED',
    attributes: { 'rpc.grpc.status_code': 8 },
    status: ERROR,
    flags: 'et',
  },
  {
    rule: 'gRPC NOT_FOUND by name',
    attributes: { 'rpc.response.status_code': 'NOT_FOUND' },
    status: ERROR,
    flags: 'e',
  },
  {
    rule: 'gRPC UNAVAILABLE',
    attributes: { 'rpc.grpc.status_code': 14 },
    status: ERROR,
    flags: 'f',
  },
  { rule: 'gRPC code without an ERROR', attributes: { 'rpc.grpc.status_code': 5 }, flags: '' },
];

test.for(FLAGS)(
  'flags, written only when true (B-13): $rule',
  ({ kind = 'CLIENT', attributes = {}, status, exceptionType, flags }) => {
    const events =
      exceptionType === undefined ? [] : [exception({ 'exception.type': exceptionType })];
    const { error, fault, throttle } = documentOf({
      kind,
      attributes,
      events,
      status: status ?? { code: 0 },
    });
    expect(`${error ? 'e' : ''}${fault ? 'f' : ''}${throttle ? 't' : ''}`).toBe(flags);
    expect([error, fault, throttle]).not.toContain(false);
  },
);

test('a handled exception is recorded without a flag, in the order of the events', () => {
  const document = documentOf({
    events: [
      exception({ 'exception.type': 'A', 'exception.message': 'first' }),
      exception({ 'exception.type': 25, 'exception.message': true, 'exception.stacktrace': 7 }),
    ],
  });
  expect(document.fault).toBeUndefined();
  expect(document.cause).toEqual({
    exceptions: [
      { id: '0000000000000001', type: 'A', message: 'first', remote: false },
      { id: '0000000000000002', message: 'true', remote: false },
    ],
  });
});

interface KindRow {
  readonly rule: string;
  readonly event: SpanAttributes;
  readonly type: string | undefined;
  readonly remote: boolean;
  readonly code?: string;
}

const KINDS: readonly KindRow[] = [
  {
    rule: 'the code of a DOMException is not the type; the stack has the class name',
    event: {
      type: '23',
      message: 'timed out',
      stacktrace: 'TimeoutError: timed out\n at a (b:1:1)',
    },
    type: 'TimeoutError',
    remote: false,
    code: '23',
  },
  {
    rule: 'a MongoDB code that the message contains',
    event: {
      type: '11000',
      message: 'E11000 duplicate',
      stacktrace: 'MongoServerError: E11000 duplicate',
    },
    type: 'MongoServerError',
    remote: true,
  },
  {
    rule: 'a SQLSTATE',
    event: { type: '42P01', message: 'relation', stacktrace: 'error: relation\n at a (b:1:1)' },
    type: 'error',
    remote: true,
    code: '42P01',
  },
  {
    rule: 'a code without a stack',
    event: { type: '5', message: 'not found' },
    type: undefined,
    remote: true,
    code: '5',
  },
  { rule: 'only a code', event: { type: '5' }, type: '5', remote: true, code: '5' },
  {
    rule: 'a code and a class name',
    event: { type: 'DatabaseError', message: 'duplicate', code: '23505' },
    type: 'DatabaseError',
    remote: true,
    code: '23505',
  },
  {
    rule: 'a refused connection is not remote',
    event: { type: 'ECONNREFUSED', message: 'connect ECONNREFUSED 127.0.0.1:1' },
    type: 'ECONNREFUSED',
    remote: false,
  },
  {
    rule: 'a connection error in the message is not remote',
    event: { type: 'Error', message: 'getaddrinfo ENOTFOUND db' },
    type: 'Error',
    remote: false,
  },
  {
    rule: 'an undici connection error is not remote',
    event: { type: 'SocketError', message: 'other side closed', code: 'UND_ERR_SOCKET' },
    type: 'SocketError',
    remote: false,
    code: 'UND_ERR_SOCKET',
  },
  {
    rule: 'an error of the server is remote, whatever its message quotes',
    event: { type: 'ServerError', message: 'upstream: connect ECONNREFUSED' },
    type: 'ServerError',
    remote: true,
  },
  {
    rule: 'the remote attribute of the event takes precedence',
    event: { type: 'ECONNREFUSED', message: 'm', remote: true },
    type: 'ECONNREFUSED',
    remote: true,
  },
];

interface RaisedRow {
  readonly by: string;
  readonly system?: string;
  readonly type: string;
  readonly message: string;
  readonly code?: string;
}

const RAISED_BY_CLIENTS: readonly RaisedRow[] = [
  { by: 'ioredis', system: 'redis', type: 'Error', message: 'Connection is closed.' },
  { by: 'ioredis', system: 'redis', type: 'MaxRetriesPerRequestError', message: 'Reached the max' },
  { by: 'redis', system: 'redis', type: 'ClientClosedError', message: 'The client is closed' },
  { by: 'redis', system: 'redis', type: 'SocketClosedUnexpectedlyError', message: 'Socket closed' },
  { by: 'redis 3', type: 'AbortError', message: 'The connection is closed.', code: 'NR_CLOSED' },
  { by: 'mongodb', system: 'mongodb', type: 'MongoNotConnectedError', message: 'Client must be' },
  { by: 'mongodb', system: 'mongodb', type: 'MongoServerSelectionError', message: 'connect' },
  { by: 'mongodb', system: 'mongodb', type: 'MongoWaitQueueTimeoutError', message: 'Timed out' },
  { by: 'mongodb', system: 'mongodb', type: 'PoolClosedError', message: 'Attempted to check out' },
  { by: 'pg', system: 'postgresql', type: 'Error', message: 'Client was closed' },
  { by: 'pg-pool', system: 'postgresql', type: 'Error', message: 'timeout exceeded when trying' },
  { by: 'postgres.js', type: 'Error', message: 'write', code: 'CONNECTION_ENDED' },
  { by: 'memcached', system: 'memcached', type: 'Error', message: 'Server at h:1 not available' },
  { by: 'memcached', system: 'memcached', type: 'Error', message: 'The key should not contain' },
  { by: 'mysql', system: 'mysql', type: 'Error', message: 'Pool is closed.', code: 'POOL_CLOSED' },
  { by: 'mysql2', system: 'mysql', type: 'Error', message: 'Pool is closed.' },
  { by: 'mysql2', type: 'Error', message: 'Connection lost', code: 'PROTOCOL_CONNECTION_LOST' },
  { by: 'mariadb', type: 'SqlError', message: 'm', code: 'ER_GET_CONNECTION_TIMEOUT' },
  { by: 'mssql', type: 'ConnectionError', message: 'Connection is closed.', code: 'ECONNCLOSED' },
  { by: 'oracledb', type: 'Error', message: 'NJS-500', code: 'NJS-500' },
  { by: 'cassandra-driver', type: 'NoHostAvailableError', message: 'All host(s) tried' },
  { by: 'knex', system: 'mysql', type: 'KnexTimeoutError', message: 'Timeout acquiring' },
  { by: 'KafkaJS', type: 'KafkaJSConnectionError', message: 'Connection timeout' },
  { by: 'gRPC', type: 'Error', message: '1 CANCELLED: Cancelled on client' },
  { by: 'gRPC', type: 'Error', message: '14 UNAVAILABLE: No connection established.' },
  { by: 'openai', type: 'APIConnectionError', message: 'Connection error.' },
  { by: 'openai', type: 'APIConnectionTimeoutError', message: 'Request timed out.' },
  { by: 'openai', type: 'APIUserAbortError', message: 'Request was aborted.' },
  { by: 'the AWS SDK', type: 'CredentialsProviderError', message: 'Could not load credentials' },
];

const RAISED_BY_SERVERS: readonly RaisedRow[] = [
  { by: 'Redis', system: 'redis', type: 'ReplyError', message: 'WRONGTYPE Operation against' },
  { by: 'Redis', system: 'redis', type: 'SimpleError', message: 'ERR unknown command' },
  { by: 'Redis', system: 'redis', type: 'Error', message: 'ERR value is not an integer' },
  { by: 'MongoDB', system: 'mongodb', type: 'MongoServerError', message: 'E11000 duplicate' },
  { by: 'MongoDB', system: 'mongodb', type: 'MongoBulkWriteError', message: 'E11000 duplicate' },
  { by: 'PostgreSQL', system: 'postgresql', type: 'error', message: 'relation "m"', code: '42P01' },
  { by: 'MySQL', system: 'mysql', type: 'Error', message: 'm', code: 'ER_NO_SUCH_TABLE' },
  { by: 'MariaDB', type: 'SqlError', message: 'm', code: 'ER_NO_SUCH_TABLE' },
  { by: 'SQL Server', type: 'RequestError', message: 'Invalid object name', code: 'EREQUEST' },
  { by: 'memcached', system: 'memcached', type: 'Error', message: 'Item is not stored' },
  { by: 'RabbitMQ', type: 'Error', message: 'Channel closed by server: 404', code: '404' },
  { by: 'gRPC', type: 'Error', message: '14 UNAVAILABLE: over quota' },
  { by: 'an AWS service', type: 'ThrottlingException', message: 'Rate exceeded' },
];

test.for([
  ...RAISED_BY_CLIENTS.map((row) => ({ ...row, remote: false })),
  ...RAISED_BY_SERVERS.map((row) => ({ ...row, remote: true })),
])('remote of an error of $by, $type "$message": $remote', (row) => {
  const event = exception({
    'exception.type': row.type,
    'exception.message': row.message,
    'exception.code': row.code,
  });
  const attributes = { 'db.system.name': row.system };
  const document = documentOf({ kind: 'CLIENT', attributes, events: [event] });
  expect(exceptionsOf(document)?.map(({ remote }) => remote)).toEqual([row.remote]);
});

const GET = { 'http.request.method': 'GET' };

test.each<[what: string, attributes: SpanAttributes, remote: boolean]>([
  ['a request without a response', GET, false],
  ['a request without a response, old name', { 'http.method': 'GET' }, false],
  ['a request with a response', { ...GET, 'http.response.status_code': 200 }, true],
  ['a call of a model', { ...GET, 'gen_ai.provider.name': 'openai' }, true],
  ['a call by RPC', { ...GET, 'rpc.system': 'aws-api' }, true],
  ['a call of a database', { ...GET, 'db.system.name': 'elasticsearch' }, true],
])('remote of an error that has no class: %s', (_what, attributes, remote) => {
  const event = exception({ 'exception.type': 'Error', 'exception.message': 'the user left' });
  const document = documentOf({ kind: 'CLIENT', attributes, events: [event] });
  expect(exceptionsOf(document)).toMatchObject([{ message: 'the user left', remote }]);
});

test.for(KINDS)('type, code and remote of an exception (B-48): $rule', (row) => {
  const { type, message, stacktrace, code, remote } = row.event;
  const named: SpanAttributes = {
    'exception.type': type,
    'exception.message': message,
    'exception.stacktrace': stacktrace,
    'exception.code': code,
    'aws.xray.exception.remote': remote,
  };
  const document = documentOf({ kind: 'CLIENT', events: [exception(named)] });
  const [found] = exceptionsOf(document) ?? [];
  expect([found?.type, found?.message, found?.remote]).toEqual([row.type, message, row.remote]);
  expect(document.metadata?.['default']).toEqual(
    row.code === undefined ? undefined : { 'exception.code': row.code },
  );
});

test.each<[attributes: SpanAttributes, message: string, metadata: object | undefined]>([
  [{ 'error.type': 23 }, 'timed out', { 'exception.code': '23' }],
  [{ 'error.type': '23505' }, 'duplicate', { 'exception.code': '23505' }],
  [{ 'error.type': '11000' }, 'E11000 duplicate', undefined],
  [{ 'error.type': 'TimeoutError' }, 'timed out', { 'error.type': 'TimeoutError' }],
  // It cannot be converted to a string.
  [{ 'error.type': Object.create(null) as object }, 'timed out', { 'error.type': {} }],
  [
    { ...GET, 'http.response.status_code': 403, 'error.type': '403' },
    'no',
    { 'error.type': '403' },
  ],
  [
    { ...GET, 'http.response.status_code': 200, 'error.type': 23 },
    'timed out',
    { 'exception.code': '23' },
  ],
])('a number in %j is a code of the exception %j (B-48)', (attributes, message, metadata) => {
  const event = exception({ 'exception.type': 'TimeoutError', 'exception.message': message });
  const document = documentOf({ kind: 'CLIENT', attributes, events: [event] });
  expect(document.metadata?.['default']).toEqual(metadata);
});

test.each([
  ["ERR unknown command 'AUHT', with args beginning with: 'user' 'secret' "],
  ['ERR unknown command `AUHT`, with args beginning with: `user`, `secret`, '],
])('arguments that Redis quotes are not shown: %s', (message) => {
  const attributes = { 'exception.type': 'ErrorReply', 'exception.message': message };
  const stack = `ErrorReply: ${message}\n    at a (/b.js:1:1)`;
  const events = [exception({ ...attributes, 'exception.stacktrace': stack })];
  const text = JSON.stringify(documentOf({ kind: 'CLIENT', events }));
  expect(text).toContain(', with args beginning with: …');
  expect(text).not.toContain('secret');
});

test.each([
  {
    what: 'an error of the server',
    kind: 'CLIENT' as const,
    attributes: {
      'rpc.grpc.status_code': 5,
      'grpc.error_name': 'Error',
      'grpc.error_message': '5 NOT_FOUND: no such order',
    },
    status: ERROR,
    cause: { type: 'Error', message: '5 NOT_FOUND: no such order', remote: true },
    flags: { error: true },
  },
  {
    what: 'a server that cannot be reached',
    kind: 'CLIENT' as const,
    attributes: {
      'rpc.grpc.status_code': 14,
      'grpc.error_name': 'Error',
      'grpc.error_message': '14 UNAVAILABLE: No connection established. Last error: x',
    },
    status: ERROR,
    cause: {
      type: 'Error',
      message: '14 UNAVAILABLE: No connection established. Last error: x',
      remote: false,
    },
    flags: { fault: true },
  },
  {
    what: 'a deadline of the client',
    kind: 'CLIENT' as const,
    attributes: {
      'rpc.grpc.status_code': 4,
      'grpc.error_name': 'Error',
      'grpc.error_message': '4 DEADLINE_EXCEEDED: Deadline exceeded after 1.001s,LB pick: 0.005s',
    },
    status: ERROR,
    cause: {
      type: 'Error',
      message: '4 DEADLINE_EXCEEDED: Deadline exceeded after 1.001s,LB pick: 0.005s',
      remote: false,
    },
    flags: { fault: true },
  },
  {
    what: 'a handler whose error has no code, and no span status',
    kind: 'SERVER' as const,
    attributes: { 'grpc.error_name': 'TypeError', 'grpc.error_message': 'boom' },
    status: { code: 0 },
    cause: { type: 'TypeError', message: 'boom', remote: false },
    flags: { fault: true },
  },
])('gRPC: $what (B-58)', ({ kind, attributes, status, cause, flags }) => {
  const document = documentOf({
    kind,
    attributes: { 'rpc.system': 'grpc', ...attributes },
    status,
  });
  expect({
    ...{ error: document.error, fault: document.fault, throttle: document.throttle },
    exceptions: exceptionsOf(document),
  }).toEqual({ ...flags, exceptions: [{ id: expect.any(String), ...cause }] });
  expect(JSON.stringify(document.metadata)).not.toContain('grpc.error');
});

test('the errors of an AggregateError are siblings; the first one is linked (B-49)', () => {
  const stack = [
    'AggregateError: all failed',
    '    at a (/a.js:1:2)',
    '[errors]: ECONNREFUSED: connect ECONNREFUSED ::1:1',
    '    at b (/b.js:3:4)',
    'Caused by: Inner: why',
    '[errors]: ECONNREFUSED: connect ECONNREFUSED 127.0.0.1:1',
  ].join('\n');
  const document = documentOf({
    kind: 'CLIENT',
    events: [
      exception({
        'exception.type': 'AggregateError',
        'exception.message': 'all failed',
        'exception.stacktrace': stack,
      }),
    ],
  });
  expect(exceptionsOf(document)).toEqual([
    {
      id: '0000000000000001',
      type: 'AggregateError',
      message: 'all failed',
      remote: true,
      cause: '0000000000000002',
      stack: [{ path: '/a.js', line: 1, label: 'a' }],
    },
    {
      id: '0000000000000002',
      type: 'ECONNREFUSED',
      message: 'connect ECONNREFUSED ::1:1',
      remote: false,
      cause: '0000000000000003',
      stack: [{ path: '/b.js', line: 3, label: 'b' }],
    },
    { id: '0000000000000003', type: 'Inner', message: 'why', remote: true },
    {
      id: '0000000000000004',
      type: 'ECONNREFUSED',
      message: 'connect ECONNREFUSED 127.0.0.1:1',
      remote: false,
    },
  ]);
});

test('a chain points to its causes; id and place may be given', () => {
  const stack = 'Error: top\n    at a (/a.js:1:2)\n  [cause]: TypeError: low\n    at b (/b.js:3:4)';
  const document = documentOf({
    kind: 'CLIENT',
    events: [
      exception({
        'exception.type': 'Error',
        'exception.message': 'top',
        'exception.stacktrace': stack,
        'aws.xray.exception.id': 'ABCDEFABCDEFABCD',
        'aws.xray.exception.remote': false,
      }),
    ],
  });
  expect(exceptionsOf(document)).toEqual([
    {
      id: 'abcdefabcdefabcd',
      type: 'Error',
      message: 'top',
      remote: false,
      cause: '0000000000000002',
      stack: [{ path: '/a.js', line: 1, label: 'a' }],
    },
    {
      id: '0000000000000002',
      type: 'TypeError',
      message: 'low',
      remote: false,
      stack: [{ path: '/b.js', line: 3, label: 'b' }],
    },
  ]);
});

const BARE = { id: '0000000000000001', remote: false };

test.for([
  {
    rule: 'the status message',
    status: { code: 2, message: 'm' },
    attributes: {},
    found: { message: 'm' },
  },
  {
    rule: 'without a status message, http.status_text',
    status: ERROR,
    attributes: { 'http.status_text': 'Teapot' },
    found: { message: 'Teapot' },
  },
  {
    rule: 'error.type is the type (B-28)',
    status: { code: 2, message: 'm' },
    attributes: { 'error.type': 'E' },
    found: { type: 'E', message: 'm' },
  },
  {
    rule: 'error.type alone',
    status: ERROR,
    attributes: { 'error.type': 'E' },
    found: { type: 'E' },
  },
  {
    rule: 'an error code is not a type',
    status: { code: 2, message: 'm' },
    attributes: { 'error.type': '23505' },
    found: { message: 'm' },
  },
  {
    rule: 'a status code is not a type',
    status: ERROR,
    attributes: { 'error.type': '500' },
    found: undefined,
  },
  { rule: 'nothing known', status: ERROR, attributes: {}, found: undefined },
])('cause of an ERROR without event: $rule', ({ status, attributes, found }) => {
  const document = documentOf({ status, attributes });
  expect(exceptionsOf(document)).toEqual(found && [{ ...BARE, ...found }]);
  expect(document.metadata?.['default']?.['http.status_text']).toBeUndefined();
});

test('an exception event without attributes is still recorded', () => {
  expect(exceptionsOf(documentOf({ events: [exception({})] }))).toEqual([
    { ...BARE, type: 'exception' },
  ]);
});

test('the working directory is recorded with exceptions, and can be disabled (B-30)', () => {
  const parts: SpanParts = { events: [exception({ 'exception.type': 'A' })] };
  expect(documentOf(parts, { workingDirectory: '/app' }).cause).toMatchObject({
    working_directory: '/app',
  });
  const without = documentOf(parts, { workingDirectory: '/app', recordWorkingDirectory: false });
  expect(without.cause).toEqual({ exceptions: [{ ...BARE, type: 'A' }] });
});

test.for([
  { rule: 'is kept', stacks: ['no frames here'], kept: 'no frames here' },
  { rule: 'is kept, also with several stacks', stacks: ['one', 'two'], kept: ['one', 'two'] },
  { rule: 'is kept up to 8,192 characters', stacks: ['x'.repeat(9_000)], kept: 'x'.repeat(8_192) },
  { rule: 'that only repeats type and message is omitted', stacks: ['E: m'], kept: undefined },
])('a stack without frames $rule (B-29)', ({ stacks, kept }) => {
  const events = stacks.map((stack) =>
    exception({ 'exception.type': 'E', 'exception.message': 'm', 'exception.stacktrace': stack }),
  );
  expect(documentOf({ events }).metadata?.['default']?.['exception.stacktrace']).toEqual(kept);
});

test('a failed attempt of the AWS SDK is an exception', () => {
  const event: SpanEvent = {
    name: 'HTTP request failure',
    time: [1478293361, 300_000_000],
    attributes: { 'http.response.status_code': 503, 'aws.http.error_message': 'Slow Down' },
  };
  const document = documentOf({ kind: 'CLIENT', attributes: SDK, events: [event] });
  expect(exceptionsOf(document)).toEqual([
    {
      id: '0000000000000001',
      type: 'aws.http.error.event',
      message: '503@1478293361.300000@Slow Down',
      remote: true,
    },
  ]);
  expect(document.metadata).toEqual({ default: SDK });
  const partial = { ...event, attributes: { 'http.response.status_code': 503 } };
  const incomplete = documentOf({ kind: 'CLIENT', attributes: SDK, events: [partial] });
  expect([incomplete.cause, incomplete.metadata?.['events']]).toEqual([
    undefined,
    {
      events: [
        { name: 'HTTP request failure', time: 1478293361.3, attributes: partial.attributes },
      ],
    },
  ]);
});

test('32 exceptions are recorded, and omitted ones are noted', () => {
  const events = Array.from({ length: 5_000 }, (_, i) =>
    exception({ 'exception.message': `m${i}` }),
  );
  const document = documentOf({ events });
  expect(exceptionsOf(document)).toHaveLength(32);
  expect(document.metadata).toEqual({ default: { 'xray.truncated': ['cause.exceptions'] } });
});

test('telemetry.sdk.language selects the parser; the default is V8', () => {
  const stack = 'T: m\n\tat a.b(F.java:1)';
  const event = exception({
    'exception.type': 'T',
    'exception.message': 'm',
    'exception.stacktrace': stack,
  });
  const frame = (language?: string): unknown => {
    const resource = language === undefined ? {} : { 'telemetry.sdk.language': language };
    return exceptionsOf(documentOf({ events: [event], resource }))?.[0]?.stack;
  };
  expect(frame('java')).toEqual([{ path: 'F.java', line: 1, label: 'a.b' }]);
  expect([frame(), frame('nodejs'), frame('constructor')]).toEqual(
    Array(3).fill([{ path: 'a.b(F.java:1)', label: 'anonymous' }]),
  );
});

test('up to 32 events other than exceptions are recorded (B-45)', () => {
  const event: SpanEvent = {
    name: 'cache miss',
    time: [1478293361, 1_500],
    attributes: { key: 'k' },
  };
  const first = { name: 'cache miss', time: 1478293361.000002, attributes: { key: 'k' } };
  expect(documentOf({ events: [event] }).metadata).toEqual({ events: { events: [first] } });
  const many = documentOf({ events: Array.from({ length: 40 }, () => event) });
  expect(many.metadata?.['events']?.['events']).toHaveLength(32);
  expect(many.metadata?.['default']).toEqual({ 'xray.truncated': ['events'] });
  const parts: SpanParts = { events: [event] };
  expect(documentOf(parts, { recordEvents: false }).metadata).toBeUndefined();
});

test('additional attributes of an exception event are recorded', () => {
  const document = documentOf({
    events: [exception({ 'exception.type': 'E', 'exception.escaped': true, 'order.id': 7 })],
  });
  expect(document.metadata).toEqual({
    events: { events: [{ name: 'exception', time: 1478293361.3, attributes: { 'order.id': 7 } }] },
  });
});
