import { createRequire } from 'node:module';
import type { DatabaseSync as Database } from 'node:sqlite';
import { trace } from '@opentelemetry/api';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { instrumentSqlite } from '../../../src/instrumentation/databases/sqlite.ts';
import { startTracing } from '../../support/tracing.ts';

const { DatabaseSync } = createRequire(import.meta.url)('node:sqlite') as {
  DatabaseSync: typeof Database;
};

const tracing = startTracing();
let db: Database;
beforeAll(() => {
  instrumentSqlite('0');
  db = new DatabaseSync(':memory:');
  db.exec('CREATE TABLE users (id INTEGER); INSERT INTO users VALUES (1), (2), (3)');
  db.function('fail', (id) => {
    if (id === 2) throw new RangeError('no such user');
    return id;
  });
});
beforeEach(() => tracing.reset());
afterAll(() => tracing.close());

/** Runs work in a trace; returns its result or error, and the spans below it. */
function spansOf(run: () => unknown) {
  const outcome = trace.getTracer('app').startActiveSpan('request', (request) => {
    try {
      return run();
    } catch (error) {
      return error;
    } finally {
      request.end();
    }
  });
  const spans = tracing.spans().filter(({ name }) => name !== 'request');
  return {
    outcome,
    spans: spans.map(({ name, attributes, status, events }) => [
      name,
      attributes['db.query.text'],
      status.message,
      events.map((event) => event.attributes?.['exception.type']),
    ]),
  };
}

const sum = (query: string): number =>
  [...db.prepare(query).iterate()].reduce((total, row) => total + Number(row['id']), 0);

test.each([
  [
    'a prepared query',
    () => db.prepare("SELECT id, 'secret' AS a FROM users WHERE id = ?").get(2),
    { id: 2, a: 'secret' },
    ['SELECT :memory:', 'SELECT id, ? AS a FROM users WHERE id = ?', undefined, []],
  ],
  [
    'an iteration to its end',
    () => sum('SELECT id FROM users'),
    6,
    ['SELECT :memory:', 'SELECT id FROM users', undefined, []],
  ],
  [
    'an iteration that stops early',
    () => {
      for (const { id } of db.prepare('SELECT id FROM users').iterate()) return id;
      return undefined;
    },
    1,
    ['SELECT :memory:', 'SELECT id FROM users', undefined, []],
  ],
  [
    'an iteration that throws',
    () => sum('SELECT fail(id) AS id FROM users'),
    new RangeError('no such user'),
    ['SELECT :memory:', 'SELECT fail(id) AS id FROM users', 'no such user', ['RangeError']],
  ],
  [
    'a query that cannot be prepared',
    () => db.prepare('SELECT 1 FROM missing'),
    expect.objectContaining({ message: 'no such table: missing' }),
    ['SELECT :memory:', 'SELECT ? FROM missing', 'no such table: missing', ['ERR_SQLITE_ERROR']],
  ],
])('%s is one span, and returns or throws the same as without it', (_what, run, outcome, span) => {
  expect(spansOf(run)).toEqual({ outcome, spans: [span] });
});

test('an iteration is a span that lasts until its end', () => {
  const { outcome } = spansOf(() => {
    const rows = db.prepare('SELECT id FROM users').iterate();
    rows.next();
    const before = tracing.spans().length;
    rows.return?.();
    return [before, tracing.spans().length];
  });
  expect(outcome).toEqual([0, 1]);
});

test('outside a trace there are no spans', () => {
  expect(sum('SELECT id FROM users')).toBe(6);
  expect(tracing.spans()).toEqual([]);
});
