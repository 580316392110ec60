import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { root } from '../../scripts/staleness.mjs';
import type { SpanAttributes } from '../../src/translator/span.ts';
import type { SpanParts } from '../support/span.ts';
import { translated } from '../support/translated.ts';

/** Returns a text with the secret in the position of a password. */
type Grammar = (secret: string) => string;

const doubled = (quote: string) => (text: string) => text.replaceAll(quote, quote + quote);
const braced: Grammar = (text) => `{${doubled('}')(text)}}`;
const libpqQuoted: Grammar = (text) => `'${text.replace(/[\\']/g, '\\$&')}'`;

/** Secrets are encoded only where the grammar requires it. */
const CONNECTION_STRINGS: Readonly<Record<string, Grammar>> = {
  url: (secret) => `postgresql://user:${secret}@db.example:5432/shop`,
  'url, encoded': (secret) => `mysql://user:${encodeURIComponent(secret)}@db.example/shop`,
  'url of a driver': (secret) => `mysql+pymysql://user:${secret}@db.example/shop`,
  'url without a user': (secret) => `redis://:${secret}@db.example:6379/0`,
  'url of several hosts': (secret) => `mongodb://u:${secret}@h1:1,h2:2/shop?authSource=admin`,
  'url parameter': (secret) =>
    `postgresql://db.example/shop?user=u&password=${encodeURIComponent(secret)}&sslmode=require`,
  'jdbc url': (secret) => `jdbc:mysql://user:${secret}@db.example:3306/shop`,
  'jdbc parameter': (secret) => `jdbc:postgresql://h/shop?user=u&password=${secret}&ssl=true`,
  'jdbc sqlserver': (secret) => `jdbc:sqlserver://h:1433;user=u@h;password=${secret};encrypt=true`,
  'jdbc oracle': (secret) => `jdbc:oracle:thin:scott/${secret}@h:1521:shop`,
  go: (secret) => `user:${secret}@tcp(h:3306)/shop?parseTime=true`,
  'no scheme': (secret) => `user:${secret}@h:5432/shop`,
  ezconnect: (secret) => `user/${secret}@h:1521/shop`,
  'ado, unquoted': (secret) => `Server=h;User ID=u;Password=${secret};Database=shop`,
  'ado, last': (secret) => `Server=h;Pwd=${secret}`,
  'ado, double quotes': (secret) => `Server=h;Password="${doubled('"')(secret)}";Database=shop`,
  'ado, single quotes': (secret) => `Server=h;Password='${doubled("'")(secret)}';Database=shop`,
  'odbc braces': (secret) => `Driver={x};Server=h;UID=u;PWD=${braced(secret)};Database=shop`,
  'libpq, unquoted': (secret) => `host=h user=u password=${secret} dbname=shop`,
  'libpq, quoted': (secret) => `host=h password=${libpqQuoted(secret)} dbname=shop`,
  stackexchange: (secret) => `h:6379,password=${secret},ssl=False`,
  'account key': (secret) => `AccountName=a;AccountKey=${secret};EndpointSuffix=core.windows.net`,
};

const URLS: Readonly<Record<string, Grammar>> = {
  'user info': (secret) => `https://user:${encodeURIComponent(secret)}@h.example/a?b=1#c`,
  'user info, not encoded': (secret) => `https://user:${secret}@h.example/a`,
  'query parameter': (secret) =>
    `https://h.example/a?access_token=${encodeURIComponent(secret)}&b=1`,
  signature: (secret) => `https://h.example/a?X-Amz-Signature=${encodeURIComponent(secret)}`,
  'google api key': (secret) => `https://h.example/a?b=1&key=${encodeURIComponent(secret)}`,
  'url in a query': (secret) =>
    `https://h.example/a?next=${encodeURIComponent(`https://u:${encodeURIComponent(secret)}@h/?b=1`)}`,
  'secret of a url in a query': (secret) =>
    `https://h.example/a?next=${encodeURIComponent(`https://h/?code=${encodeURIComponent(secret)}`)}`,
  'through a proxy': (secret) =>
    `http://127.0.0.1:8080http://user:${encodeURIComponent(secret)}@h/v1`,
};

/** Spans with a secret in each attribute that may contain one. */
const URL_PLACES: Readonly<Record<string, (text: string) => SpanParts>> = {
  'url.full': (url) => client({ 'http.request.method': 'GET', 'url.full': url }),
  'http.url': (url) => client({ 'http.method': 'GET', 'http.url': url }),
  'a target that is a URL': (url) =>
    server({ 'http.request.method': 'GET', 'server.address': 'h', 'url.path': url }),
  'an old target that is a URL': (url) =>
    server({ 'http.method': 'GET', 'http.host': 'h', 'http.target': url }),
  'no http span': (url) => client({ 'url.path': url, 'messaging.url': url }),
  'a header': (url) => client({ 'http.response.header.location': [url] }),
  'an event': (url) => ({
    ...client({}),
    events: [{ name: 'retry', time: [1478293361, 0], attributes: { 'url.full': url } }],
  }),
  'a queue': (url) => client({ 'rpc.system': 'aws-api', 'aws.queue_url': url }),
  'a message': (url) => ({
    ...client({}),
    status: { code: 2, message: `cannot reach ${url}` },
    events: [
      {
        name: 'exception',
        time: [1478293361, 0],
        attributes: {
          'exception.type': 'Error',
          'exception.message': `cannot reach ${url}`,
          'exception.stacktrace': `Error: cannot reach ${url}\n  no frame`,
        },
      },
    ],
  }),
  'a span name': (url) => ({ ...client({}), name: `GET ${url}` }),
};

const CONNECTION_PLACES: Readonly<Record<string, (text: string) => SpanParts>> = {
  sql: (text) => client({ 'db.system': 'mysql', 'db.connection_string': text }),
  'sql with a database': (text) =>
    client({ 'db.system': 'mssql', 'db.name': 'shop', 'db.connection_string': text }),
  'no sql': (text) => client({ 'db.system': 'mongodb', 'db.connection_string': text }),
  'a segment': (text) => server({ 'db.system': 'mysql', 'db.connection_string': text }),
  'an annotation': (text) =>
    server({ 'db.connection_string': text, 'aws.xray.annotations': ['db.connection_string'] }),
};

function client(attributes: SpanAttributes): SpanParts {
  return { kind: 'CLIENT', name: 'call', parent: '1111111111111111', attributes };
}

function server(attributes: SpanAttributes): SpanParts {
  return { kind: 'SERVER', name: 'call', attributes };
}

/** Characters that grammars use, around a core of letters that no encoding changes. */
const around = fc.string({
  unit: fc.constantFrom(...`@:/;{}'"=&?#%()\\,. !$*+-_~[]^|<>`.split(''), 'ä'),
  maxLength: 5,
});
const core = fc.string({
  unit: fc.constantFrom(...'bcdfghjkmnpqrstvwxyz'.split('')),
  minLength: 8,
  maxLength: 12,
});

function documentsWith(places: readonly ((text: string) => SpanParts)[], text: string): string {
  return JSON.stringify(places.map((place) => translated(place(text), { recordEvents: true })));
}

test.for(Object.entries(CONNECTION_STRINGS))(
  'documents never contain the password of a connection string: %s',
  ([name, grammar]) => {
    const needsWord = name.includes('unquoted') || name === 'jdbc parameter';
    fc.assert(
      fc.property(around, core, around, (before, word, after) => {
        // Leading quotes, and white space in libpq, have a special meaning in these grammars.
        const secret = needsWord
          ? `${before.replace(/["'{ ]/g, '')}${word}${after.replaceAll(' ', '')}`
          : before + word + after;
        const text = grammar(secret);
        expect(documentsWith(Object.values(CONNECTION_PLACES), text)).not.toContain(word);
      }),
      { numRuns: 300 },
    );
  },
);

test.each([
  ['a scheme', 'user:bbbbbbbb://@h:5432/shop'],
  ['a parameter with a secret', 'user:,pwdbbbbbbbb=@h:5432/shop'],
  ['two parameters', 'host=h password=,bbbbbbbbpw dbname=shop'],
  ['a parameter that ends like one', 'user:;bbbbbbbbpwd=@h:5432/shop'],
  ['a parameter without a value', 'jdbc:postgresql://h/shop?password=&bbbbbbbbpwd=&ssl=true'],
])('a password that looks like %s is not kept', (_what, text) => {
  expect(documentsWith(Object.values(CONNECTION_PLACES), text)).not.toContain('bbbbbbbb');
});

test.for(Object.entries(URLS))(
  'documents never contain a secret of a URL: %s',
  ([name, grammar]) => {
    fc.assert(
      fc.property(around, core, around, (before, word, after) => {
        // White space and quotes end a URL in a text. A slash ends the authority.
        const secret = name.includes('not encoded')
          ? `x${before.replace(/[\s"'<>`/?#]/g, '')}${word}`
          : before + word + after;
        const text = grammar(secret);
        expect(documentsWith(Object.values(URL_PLACES), text)).not.toContain(word);
      }),
      { numRuns: 300 },
    );
  },
);

test('every parameter in the table of the documentation is secret, however it is written', () => {
  const page = readFileSync(join(root, 'docs/security.md'), 'utf8');
  const [, section = ''] = page.split('## Secrets in URLs');
  const [, table = ''] = section.split('| --- | --- |');
  const rows = table.split('\n\n', 1)[0]?.trim().split('\n') ?? [];
  const names = rows.flatMap((row) =>
    [...row.matchAll(/`([\w.-]+)`/g)].map(([, name = '']) => name),
  );
  expect(names.length).toBeGreaterThan(35);
  const [ends = ''] = rows;
  for (const name of names) {
    const prefixed = ends.includes(`\`${name}\``) ? [`my_${name}2`, `My-${name}`] : [];
    for (const written of [
      name,
      name.toUpperCase(),
      `${name.slice(0, 1)}-${name.slice(1)}`,
      ...prefixed,
    ]) {
      const [document] = translated(
        client({ 'http.request.method': 'GET', 'url.full': `http://h/?${written}=x` }),
      );
      expect(document?.http?.request?.url).toBe(`http://h/?${written}=REDACTED`);
    }
  }
});
