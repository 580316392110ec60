import { Ajv2020 } from 'ajv/dist/2020.js';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkDocuments } from '../../src/local/daemon/check.ts';
import { parseMessage } from '../../src/local/daemon/message.ts';
import { EVERYTHING } from '../../src/local/filter/expression.ts';
import { matches } from '../../src/local/filter/matches.ts';
import { parseFilter } from '../../src/local/filter/parse.ts';
import { indexTrace } from '../../src/local/filter/trace-index.ts';
import type { JsonObject } from '../../src/local/json.ts';
import { schemaNotes } from '../../src/local/schema/notes.ts';
import schema from '../../src/local/schema/segment.schema.json' with { type: 'json' };
import { search } from '../../src/local/search.ts';
import { Quotas } from '../../src/local/service/quotas.ts';
import { Store } from '../../src/local/store/store.ts';
import { assemble } from '../../src/local/trace/assemble.ts';
import { compiledDocuments } from '../../src/local/trace/compile.ts';
import { contributionOf } from '../../src/local/trace/contribution.ts';
import { traceSummary } from '../../src/local/trace/summary.ts';
import { traceTree } from '../../src/local/tree.ts';
import { readTraceRequest } from '../../src/otlp/read.ts';
import type { SegmentDocument } from '../../src/translator/document.ts';
import { toDocuments } from '../../src/translator/index.ts';
import { recordings } from '../support/fixtures.ts';
import { entityId, traceId } from '../support/local-xray.ts';

/** Few ids, so that documents collide: parents, replacements, cycles. */
const id = fc.integer({ min: 1, max: 6 }).map(entityId);
const name = fc.constantFrom('shop', 'stock', 'DynamoDB', 'SQS', 'db');
const time = fc.integer({ min: 0, max: 50 }).map((tenths) => 1_763_600_000 + tenths / 10);

const flagged = fc.record(
  {
    error: fc.boolean(),
    fault: fc.boolean(),
    throttle: fc.boolean(),
    annotations: fc.dictionary(
      fc.constantFrom('a', 'b.c', 'bad key'),
      fc.oneof(
        fc.integer({ max: 3, min: 0 }),
        fc.boolean(),
        fc.constantFrom('x', '', 'é'),
        fc.constant(null),
      ),
    ),
    http: fc.record(
      {
        request: fc.record({
          url: fc.constantFrom('http://a/x', 'http://b/y'),
          method: fc.constantFrom('GET', 'PUT'),
        }),
        response: fc.record({ status: fc.constantFrom(200, 404, 429, 503) }),
      },
      { requiredKeys: [] },
    ),
    namespace: fc.constantFrom('aws', 'remote'),
    user: fc.constantFrom('alice', 'bob', ''),
    aws: fc.record(
      {
        table_name: fc.constant('orders'),
        ec2: fc.constant({ instance_id: 'i-1', availability_zone: 'z' }),
      },
      { requiredKeys: [] },
    ),
    sql: fc.constant({ url: 'u' }),
    cause: fc.constant({ exceptions: [{ id: entityId(99), type: 'E', message: 'm' }] }),
    origin: fc.constantFrom('AWS::ECS::Container', 'AWS::Lambda'),
  },
  { requiredKeys: [] },
);

const document: fc.Arbitrary<JsonObject> = fc.letrec<{ embedded: JsonObject; whole: JsonObject }>(
  (tie) => {
    const body = fc
      .tuple(flagged, id, name, time, fc.integer({ min: 0, max: 30 }), fc.boolean())
      .map(([more, anId, aName, start, tenths, open]) => ({
        ...more,
        id: anId,
        name: aName,
        start_time: start,
        ...(open ? { in_progress: true } : { end_time: start + tenths / 10 }),
      }));
    return {
      embedded: fc
        .tuple(
          body,
          fc.option(fc.array(tie('embedded'), { maxLength: 2 }), {
            nil: undefined,
            depthSize: 'small',
          }),
        )
        .map(([own, subsegments]) => ({ ...own, ...(subsegments ? { subsegments } : {}) })),
      whole: fc
        .tuple(
          body,
          fc.option(id, { nil: undefined }),
          fc.boolean(),
          fc.array(tie('embedded'), { maxLength: 2 }),
        )
        .map(([own, parent, sub, subsegments]) => ({
          ...own,
          trace_id: traceId(1),
          ...(parent === undefined ? {} : { parent_id: parent }),
          ...(sub && parent !== undefined ? { type: 'subsegment' } : {}),
          ...(subsegments.length === 0 ? {} : { subsegments }),
        })),
    };
  },
).whole;

const documents = fc.array(document, { minLength: 1, maxLength: 6 });

function traceOf(records: readonly JsonObject[]) {
  return assemble(
    traceId(1),
    records.map((record, seq) => ({ record, seq })),
  );
}

function views(records: readonly JsonObject[]): object {
  const trace = traceOf(records);
  return {
    summary: traceSummary(trace, { revision: 1 }),
    compiled: compiledDocuments(trace, { inferred: true }),
    contribution: contributionOf(trace),
  };
}

const REJECTABLE = [
  'ok',
  'fault',
  'error',
  '!error',
  'throttle',
  '!throttle',
  'partial',
  '!partial',
  'inferred',
  'responsetime',
  '!responsetime',
  'responsetime > 1',
  '!(responsetime > 1)',
  'duration <= 2',
  'http.status = 404',
  'http.status >= 429',
  '!(http.status = 404)',
  'http.url CONTAINS "a/"',
  'http.url BEGINSWITH "http://b"',
  'http.url ENDSWITH "y"',
  'http.url != "http://a/x"',
  'user = "alice"',
  'user = ""',
  'user CONTAINS ""',
  '!user',
  'instance.id',
  'annotation.a',
  'annotation.a = 1',
  'annotation.a > 1',
  'annotation.a = true',
  'annotation.a != true',
  '!annotation.a',
  'annotation[b.c] = "é"',
  '!(annotation[b.c] = "x")',
  'service("stock")',
  '!service("stock")',
  'service("orders") { fault }',
  'service(id(type: "Database::SQL"))',
  '!service(id(type: "remote"))',
  'service() { throttle AND ok }',
  'service { responsetime > 1 }',
  'service("shop") { ok AND responsetime >= 1.5 }',
  '!service { duration > 1 }',
  'edge { duration = 1 }',
  'edge("shop", "stock")',
  'edge { error }',
  'edge("shop", "DynamoDB") { fault = true }',
  'edge(id(type: "client"), "shop")',
  'rootcause.fault',
  '!rootcause.error',
  'rootcause.responsetime.entity { coverage > 0.5 }',
  'fault OR annotation.a = 1',
  'fault AND service("shop")',
  '!(fault OR service("shop"))',
  'ok = false',
  'ok != true',
];

/** The documents that remain in the store of several with equal ids. */
function keptByStore(records: readonly JsonObject[]): Map<unknown, JsonObject> {
  const kept = new Map<unknown, JsonObject>();
  for (const record of records) {
    const known = kept.get(record['id']);
    if (known === undefined || !(record['in_progress'] === true && known['in_progress'] !== true)) {
      kept.delete(record['id']);
      kept.set(record['id'], record);
    }
  }
  return kept;
}

function newDocument(record: JsonObject) {
  return {
    traceId: record['trace_id'] as string,
    id: record['id'] as string,
    record,
    body: JSON.stringify(record),
    via: 'api' as const,
  };
}

test('order and repetition of documents change nothing, unless two share an id', () => {
  const distinct = documents.map((list) => {
    let next = 100;
    const renamed = (record: JsonObject): JsonObject => ({
      ...record,
      id: entityId(next++),
      ...(record['subsegments']
        ? { subsegments: (record['subsegments'] as JsonObject[]).map(renamed) }
        : {}),
    });
    return list.map((record, index) => ({
      ...renamed(record),
      ...(record['parent_id'] === undefined
        ? {}
        : { parent_id: entityId(100 + ((index * 7) % 9)) }),
    }));
  });
  fc.assert(
    fc.property(
      distinct.chain((list) =>
        fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
      ),
      ([list, shuffled]) => {
        expect(views([...shuffled, ...list])).toEqual(views(list));
      },
    ),
    { numRuns: 150 },
  );
});

test('any documents, cyclic ones included, give a view, a graph and a tree', () => {
  fc.assert(
    fc.property(documents, (list) => {
      const trace = traceOf(list);
      const lines = traceTree(list as unknown as readonly SegmentDocument[]);
      expect(() => JSON.stringify(views(list))).not.toThrow();
      expect(trace.segments.length + trace.orphans.length).toBeGreaterThan(0);
      expect(lines.length).toBeGreaterThan(1);
    }),
    { numRuns: 300 },
  );
});

test('the index finds the same traces as a full scan', async () => {
  const expressions = REJECTABLE.map((text) => ({ text, expression: parseFilter(text) }));
  await fc.assert(
    fc.asyncProperty(fc.array(documents, { minLength: 1, maxLength: 8 }), async (traces) => {
      const store = new Store(':memory:', { traces: 100, bytes: 1e9 });
      const listed = traces.map((list, index) =>
        list.map((record) => ({ ...record, trace_id: traceId(index + 1) })),
      );
      for (const list of listed) store.put(list.map(newDocument), 1);
      for (const { text, expression } of expressions) {
        const found: string[] = [];
        const range = { from: 0, to: 1e10, by: 'start' as const };
        for await (const { stored } of search(store, { range, expression })) found.push(stored.id);
        const expected = listed
          .map((list, index) => ({
            id: traceId(index + 1),
            records: [...keptByStore(list).values()],
          }))
          .filter(({ id: each, records }) =>
            matches(
              expression,
              indexTrace(
                assemble(
                  each,
                  records.map((record, seq) => ({ record, seq })),
                ),
              ),
            ),
          )
          .map(({ id: each }) => each);
        expect({ text, found: found.sort() }).toEqual({ text, found: expected.sort() });
      }
      store.close();
    }),
    { numRuns: 10 },
  );
});

test('a later change of a trace updates every search', async () => {
  const store = new Store(':memory:', { traces: 100, bytes: 1e9 });
  const range = { from: 0, to: 1e10, by: 'start' as const };
  const ids = async (text: string) => {
    const found: string[] = [];
    for await (const { stored } of search(store, { range, expression: parseFilter(text) }))
      found.push(stored.id);
    return found;
  };
  const base = { trace_id: traceId(1), id: entityId(1), name: 'shop', start_time: 5 };
  store.put([newDocument({ ...base, in_progress: true, annotations: { a: 1 } })], 1);
  expect([await ids('partial'), await ids('annotation.a = 1')]).toEqual([
    [traceId(1)],
    [traceId(1)],
  ]);
  store.put([newDocument({ ...base, end_time: 6, annotations: { a: 2 } })], 2);
  expect([
    await ids('partial'),
    await ids('annotation.a = 1'),
    await ids('annotation.a = 2'),
  ]).toEqual([[], [], [traceId(1)]]);
  store.close();
});

test('the store keeps its limits and removes evicted traces everywhere', async () => {
  const store = new Store(':memory:', { traces: 10, bytes: 1e9 });
  for (let i = 1; i <= 25; i++) {
    store.put(
      [
        newDocument({
          trace_id: traceId(i),
          id: entityId(i),
          name: `s${i}`,
          start_time: i,
          end_time: i + 1,
        }),
      ],
      i,
    );
    store.refresh();
  }
  const found: string[] = [];
  for await (const { stored } of search(store, {
    range: { from: 0, to: 100, by: 'start' },
    expression: EVERYTHING,
  })) {
    found.push(stored.id);
  }
  expect(found).toEqual(Array.from({ length: 10 }, (_, index) => traceId(25 - index)));
  expect(store.size).toMatchObject({ traces: 10, documents: 10 });
  expect(store.trace(traceId(1))).toBeUndefined();
  store.close();
});

test('quotas: after one interval the shares sum to at most the reservoir, and to all of it for few clients', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 100 }),
      fc.integer({ min: 1, max: 50 }),
      fc.array(fc.nat({ max: 49 }), { maxLength: 80 }),
      (reservoir, clients, order) => {
        const quotas = new Quotas();
        const report = (client: number, now: number) =>
          quotas.report(
            {
              clientId: `c${client % clients}`,
              ruleName: 'r',
              requests: 1,
              sampled: 1,
              borrowed: 0,
            },
            reservoir,
            now,
          );
        for (const client of order) report(client, 0);
        for (let client = 0; client < clients; client++) report(client, 1);
        const shares = Array.from({ length: clients }, (_, client) => report(client, 11) as number);
        const total = shares.reduce((sum, share) => sum + share, 0);
        expect(total).toBe(reservoir);
        expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1);
      },
    ),
    { numRuns: 200 },
  );
});

test('clients that stop reporting lose their share', () => {
  const quotas = new Quotas();
  const report = (clientId: string, now: number) =>
    quotas.report({ clientId, ruleName: 'r', requests: 1, sampled: 0, borrowed: 0 }, 10, now);
  report('a', 0);
  expect(report('b', 0)).toBe(5);
  expect(report('b', 31)).toBe(10);
});

test('any bytes are parsed as a message or reported as foreign', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, framed) => {
      const datagram = Buffer.concat([
        Buffer.from(framed ? '{"format":"json","version":1}\n' : ''),
        bytes,
      ]);
      expect(['document', 'otlp', 'foreign']).toContain(parseMessage(datagram).kind);
    }),
  );
});

test('any text is checked without throwing', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json(),
        document.map((each) => JSON.stringify(each)),
      ),
      (text) => {
        expect(checkDocuments(text).every((each) => each.ok || each.refusal.code.length > 0)).toBe(
          true,
        );
      },
    ),
  );
});

describe('the document format', () => {
  const validate = new Ajv2020({ strict: false, allErrors: false }).compile(schema);

  test('documents have notes exactly when the schema refuses them', () => {
    fc.assert(
      fc.property(
        document,
        fc.constantFrom<JsonObject>(
          {},
          { user: '' },
          { annotations: {} },
          { aws: { x: 1 } },
          { links: [] },
          { metadata: { AWS: {} } },
          { http: { response: { status: 99 } } },
          { cause: 'x' },
          { subsegments: [] },
          { unknown: 1 },
          { origin: 'AWS::EC2::Instance' },
          { throttle: true, error: false, fault: false },
          { service: { version: '1' } },
          { name: ' a' },
          { end_time: undefined, in_progress: true },
        ),
        (base, change) => {
          const record: JsonObject = JSON.parse(JSON.stringify({ ...base, ...change }));
          expect(schemaNotes(record).length === 0).toBe(validate(record));
        },
      ),
      { numRuns: 1_500 },
    );
  });

  test('the same for the documents of all recorded spans', () => {
    const records = recordings()
      .flatMap(({ lines }) => lines())
      .flatMap((line) => readTraceRequest(line))
      .flatMap((span) => toDocuments(span, { onDrop: () => undefined, onWarning: () => undefined }))
      .map((each): JsonObject => JSON.parse(JSON.stringify(each)));
    const differing = records.filter(
      (record) => (schemaNotes(record).length === 0) !== validate(record),
    );
    expect(records.length).toBeGreaterThan(500);
    expect(differing).toEqual([]);
  });

  test('notes name the path and the reason', () => {
    expect(
      schemaNotes({
        trace_id: traceId(1),
        id: entityId(1),
        name: 'shop',
        start_time: 1,
        end_time: 2,
        annotations: { 'a b': 1, c: [1] },
        http: { request: { url: 'http://u:p@h/' } },
        subsegments: [{ id: 'x', name: 'y', start_time: 1, end_time: 2 }],
        color: 'red',
      }),
    ).toEqual([
      { path: 'annotations.a b', reason: 'not a name that is allowed here' },
      { path: 'annotations.c', reason: 'matches none of the allowed forms: [1]' },
      { path: 'subsegments[0].id', reason: '"x" does not have the form ^(?!0{16}$)[0-9a-f]{16}$' },
      { path: 'http.request.url', reason: 'has a form that is not allowed: "http://u:p@h/"' },
      { path: 'color', reason: 'not a field of the document format here' },
    ]);
  });
});
