import { expect, test } from 'vitest';
import type { TranslatorOptions } from '../../../src/translator/context/options.ts';
import type { SpanAttributes } from '../../../src/translator/span.ts';
import type { KIND, SpanParts } from '../../support/span.ts';
import { translated } from '../../support/translated.ts';

interface Row {
  readonly rule: string;
  readonly kind?: keyof typeof KIND;
  readonly name?: string;
  readonly attributes: SpanAttributes;
  readonly resource?: SpanAttributes;
  readonly options?: TranslatorOptions;
  readonly block?: unknown;
  readonly rest?: SpanAttributes;
}

const PG = { 'db.system.name': 'postgresql', 'server.address': 'h' };

const SQL: readonly Row[] = [
  {
    rule: 'new names (B-39, B-40)',
    attributes: {
      ...PG,
      'server.port': 5432,
      'db.namespace': 'shop',
      'db.query.text': 'SELECT $1',
    },
    block: {
      url: 'postgresql://h:5432/shop',
      sanitized_query: 'SELECT $1',
      database_type: 'postgresql',
    },
  },
  {
    rule: 'old names',
    attributes: {
      'db.system': 'mysql',
      'net.peer.name': 'h',
      'net.peer.port': '3306',
      'db.name': 'shop',
      'db.statement': 'SELECT 1',
      'db.user': 'app',
    },
    block: {
      url: 'mysql://h:3306/shop',
      sanitized_query: 'SELECT ?',
      database_type: 'mysql',
      user: 'app',
    },
  },
  {
    rule: 'a system other than SQL has no block and stays in metadata (B-03)',
    attributes: { 'db.system': 'redis', 'db.statement': 'GET k', 'net.peer.name': 'h' },
    rest: { 'db.system': 'redis', 'db.statement': 'GET k', 'net.peer.name': 'h' },
  },
  {
    rule: 'two systems: the stable name takes precedence, the other stays in metadata',
    attributes: { 'db.system.name': 'mysql', 'db.system': 'sqlite' },
    name: 'SELECT',
    block: { url: 'SELECT', database_type: 'mysql' },
    rest: { 'db.system': 'sqlite' },
  },
  {
    rule: 'the span name if no host is known; the database stays in metadata',
    attributes: { 'db.system': 'sqlite', 'db.name': 'app' },
    name: 'SELECT app',
    block: { url: 'SELECT app', database_type: 'sqlite' },
    rest: { 'db.name': 'app' },
  },
  {
    rule: 'the scheme of a URL is not the name of the system',
    attributes: {
      'db.system.name': 'microsoft.sql_server',
      'server.address': '::1',
      'db.namespace': 'a b',
    },
    block: { url: 'sqlserver://[::1]/a%20b', database_type: 'microsoft.sql_server' },
  },
  {
    rule: 'a connection URL is the URL, without credentials (B-25)',
    attributes: {
      'db.system': 'postgresql',
      'db.connection_string': 'postgresql://u:p@db:5432/shop?password=x',
      'db.name': 'shop',
      'net.peer.name': 'db',
      'net.peer.port': 5432,
    },
    block: { url: 'postgresql://db:5432/shop?password=REDACTED', database_type: 'postgresql' },
  },
  {
    rule: 'a connection URL without a database gets it; another host stays in metadata',
    attributes: {
      'db.system': 'mysql',
      'db.connection_string': 'jdbc:mysql://db:3306',
      'db.name': 'shop',
      'net.peer.name': 'other',
    },
    block: { url: 'jdbc:mysql://db:3306/shop', database_type: 'mysql' },
    rest: { 'net.peer.name': 'other' },
  },
  {
    rule: 'other connection strings are recorded in addition to the URL',
    attributes: {
      'db.system': 'mssql',
      'db.connection_string': 'Server=h;User Id=sa;Password={a;b};Pwd="x y"',
      'net.peer.name': 'h',
    },
    block: {
      url: 'sqlserver://h',
      connection_string: 'Server=h;User Id=sa;Password=REDACTED;Pwd=REDACTED',
      database_type: 'mssql',
    },
  },
  {
    rule: 'the credentials of an Oracle thin URL',
    attributes: {
      'db.system': 'oracle',
      'db.connection_string': 'jdbc:oracle:thin:scott/tiger@h:1521:x',
    },
    name: 'q',
    block: { url: 'q', connection_string: 'jdbc:oracle:thin:@h:1521:x', database_type: 'oracle' },
  },
  {
    rule: 'prepared: a plan',
    attributes: { ...PG, 'db.postgresql.plan': 'p' },
    block: { url: 'postgresql://h', database_type: 'postgresql', preparation: 'statement' },
    rest: { 'db.postgresql.plan': 'p' },
  },
  {
    rule: 'prepared: parameters',
    attributes: { ...PG, 'db.query.parameter.0': 'x' },
    block: { url: 'postgresql://h', database_type: 'postgresql', preparation: 'statement' },
    rest: { 'db.query.parameter.0': 'x' },
  },
  {
    rule: 'prepared: a call',
    attributes: { ...PG, 'db.query.text': ' call f()' },
    block: {
      url: 'postgresql://h',
      sanitized_query: ' call f()',
      database_type: 'postgresql',
      preparation: 'call',
    },
  },
  {
    rule: 'versions',
    attributes: {
      ...PG,
      'aws.xray.sql.database_version': '16',
      'aws.xray.sql.driver_version': '8',
    },
    block: {
      url: 'postgresql://h',
      database_type: 'postgresql',
      database_version: '16',
      driver_version: '8',
    },
  },
  {
    rule: 'a long query is truncated and recorded as truncated',
    attributes: { ...PG, 'db.query.text': 'x'.repeat(20_000) },
    block: {
      url: 'postgresql://h',
      sanitized_query: 'x'.repeat(16_384),
      database_type: 'postgresql',
    },
    rest: { 'xray.truncated': ['db.query.text'] },
  },
  {
    rule: 'literals are replaced, in the dialect of the system (B-51)',
    attributes: {
      'db.system': 'MySQL',
      'server.address': 'h,3307',
      'db.statement': `SELECT "it's", 'a\\'b' FROM t1`,
    },
    block: {
      url: 'mysql://h:3307',
      sanitized_query: 'SELECT ?, ? FROM t1',
      database_type: 'MySQL',
    },
  },
  {
    rule: 'literals are kept with recordSqlLiterals',
    attributes: { ...PG, 'db.query.text': "SELECT 'a', 1" },
    options: { recordSqlLiterals: true },
    block: {
      url: 'postgresql://h',
      sanitized_query: "SELECT 'a', 1",
      database_type: 'postgresql',
    },
  },
  {
    rule: 'an address with port and instance',
    attributes: { 'db.system.name': 'microsoft.sql_server', 'server.address': 'tcp:H\\sql,1433' },
    block: { url: 'sqlserver://h:1433', database_type: 'microsoft.sql_server' },
  },
  {
    rule: 'recordSqlQuery false: no text and no parameters in the document',
    attributes: {
      ...PG,
      'db.query.text': 'call f',
      'db.statement': 's',
      'db.query.parameter.0': 'x',
      'db.postgresql.values': ['v'],
      'aws.xray.annotations': ['db.statement', 'db.query.text'],
    },
    options: { recordSqlQuery: false, indexedAttributes: ['db.*'] },
    block: { url: 'postgresql://h', database_type: 'postgresql', preparation: 'statement' },
  },
  {
    rule: 'recordSqlQuery false: also for other systems',
    attributes: { 'db.system': 'redis', 'db.statement': 'SET secret' },
    options: { recordSqlQuery: false },
    rest: { 'db.system': 'redis' },
  },
];

test.for(SQL)('sql: $rule', ({ kind = 'CLIENT', name, attributes, options, block, rest }) => {
  const parts: SpanParts = { kind, attributes, parent: '1111111111111111' };
  const [document] = translated({ name: name ?? 'op', ...parts }, options);
  expect(document?.sql).toEqual(block);
  expect(document?.metadata?.['default']).toEqual(rest);
});

test('sql: literals are also replaced in metadata; commands of other databases are kept', () => {
  const shown = (attributes: SpanAttributes, kind: 'SERVER' | 'CLIENT') => {
    const [document] = translated({ kind, parent: '1111111111111111', attributes });
    return document?.metadata?.['default'];
  };
  const query = { 'db.query.text': "SELECT 'a', 1", 'db.statement': "UPDATE t SET a = 'x\\' y'" };
  expect(shown(query, 'SERVER')).toEqual({
    'db.query.text': 'SELECT ?, ?',
    'db.statement': 'UPDATE t SET a = ?',
  });
  const redis = { 'db.system.name': 'redis', 'db.query.text': 'select [1 other arguments]' };
  expect(shown(redis, 'CLIENT')).toEqual(redis);
});

test('sql: a connection string of one megabyte is handled fast', () => {
  const attributes = { 'db.system': 'mssql', 'db.connection_string': ';pwd={'.repeat(170_000) };
  const [document] = translated({ kind: 'CLIENT', parent: '1111111111111111', attributes });
  expect(document?.sql?.connection_string?.length).toBeLessThanOrEqual(2_048);
});

test.for([
  { rule: 'knex', attributes: { ...PG, 'knex.version': '3' }, isLayer: true },
  {
    rule: 'mongoose',
    attributes: { 'db.system': 'mongoose', 'server.address': 'h' },
    isLayer: true,
  },
  {
    rule: 'knex with SQLite, whose drivers create no spans',
    attributes: { 'db.system.name': 'sqlite', 'knex.version': '3' },
    isLayer: false,
  },
])('sql: a library above a driver is local (B-52): $rule', ({ attributes, isLayer }) => {
  const [document] = translated({
    kind: 'CLIENT',
    name: 'find users',
    parent: '1111111111111111',
    attributes,
  });
  expect({
    name: document?.name === 'find users',
    isLocal: document?.namespace === undefined,
    hasBlock: document?.sql !== undefined,
  }).toEqual({ name: isLayer, isLocal: isLayer, hasBlock: !isLayer });
});

test('sql: a library above a driver is local outside a request as well (B-52)', () => {
  const [call, segment] = translated({
    kind: 'CLIENT',
    name: 'select users',
    attributes: { ...PG, 'knex.version': '3' },
  });
  expect([call?.name, call?.type, call?.namespace]).toEqual([
    'select users',
    'subsegment',
    undefined,
  ]);
  expect([segment?.type, segment?.id]).toEqual([undefined, call?.parent_id]);
});

test('sql: a segment has no block; the attributes stay in metadata', () => {
  const [document] = translated({ attributes: { 'db.system': 'mysql', 'db.user': 'u' } });
  expect([document?.sql, document?.metadata]).toEqual([
    undefined,
    { default: { 'db.system': 'mysql', 'db.user': 'u' } },
  ]);
});

test.each([
  ['elasticsearch', '404', { error: true }],
  ['opensearch', 429, { error: true, throttle: true }],
  ['elasticsearch', '503', { fault: true }],
  ['elasticsearch', 'resource_not_found', { fault: true }],
  ['postgresql', '404', { fault: true }],
])('a failed call of %s with the status %s (B-55)', (system, status, flags) => {
  const attributes = { 'db.system': system, 'db.response.status_code': status };
  const [document] = translated({
    kind: 'CLIENT',
    parent: '1111111111111111',
    status: { code: 2 },
    attributes,
  });
  const { error, fault, throttle } = document ?? {};
  expect({ error, fault, throttle }).toEqual(flags);
});
