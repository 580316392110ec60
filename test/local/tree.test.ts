import { expect, test } from 'vitest';
import { traceTree } from '../../src/local/index.ts';
import type { SegmentDocument } from '../../src/translator/document.ts';

const TRACE = '1-691e66c0-000000000000000000000001';

/** A front that calls a back; the back's own subsegment comes alone. */
const DOCUMENTS: readonly SegmentDocument[] = [
  {
    trace_id: TRACE,
    id: 'b000000000000003',
    parent_id: 'b000000000000001',
    type: 'subsegment',
    name: 'SELECT',
    namespace: 'remote',
    start_time: 1763600000.06,
    end_time: 1763600000.09,
    sql: { database_type: 'sqlite', sanitized_query: 'SELECT * FROM stock' },
  },
  {
    trace_id: TRACE,
    id: 'b000000000000001',
    parent_id: 'a000000000000002',
    name: 'stock',
    start_time: 1763600000.05,
    end_time: 1763600000.1,
    throttle: true,
    error: true,
    http: {
      request: { method: 'GET', url: 'http://stock/items' },
      response: { status: 429 },
    },
  },
  {
    trace_id: TRACE,
    id: 'a000000000000001',
    name: 'shop',
    origin: 'AWS::ECS::Container',
    start_time: 1763600000,
    end_time: 1763600001.25,
    fault: true,
    http: { request: { method: 'POST', url: 'http://shop/orders' }, response: { status: 500 } },
    annotations: { customer: 'c-17', items: 3, 'evil\u001b[2J': 'x\u001b]0;t\u0007' },
    cause: {
      exceptions: [
        {
          id: 'e000000000000001',
          type: 'TypeError',
          message: 'no stock',
          stack: [
            { path: 'shop.js', line: 12, label: 'order' },
            { path: 'shop.js', line: 40 },
            { label: 'run' },
            { path: 'main.js', line: 1, label: 'main' },
          ],
        },
      ],
    },
    subsegments: [
      {
        id: 'a000000000000002',
        name: 'stock:80',
        namespace: 'remote',
        start_time: 1763600000.04,
        end_time: 1763600000.11,
      },
      { id: 'a000000000000004', name: 'pay', start_time: 1763600000.2, in_progress: true },
    ],
  },
];

test('tree: subsegments are under their segment, called services under the call, in any order', () => {
  const expected = [
    `Trace ${TRACE}  2025-11-20T00:53:20.000Z  1.25 s  3 documents  incomplete`,
    'shop  1.25 s  fault  POST http://shop/orders → 500 [AWS::ECS::Container]',
    '│  @ customer=c-17  items=3  evil\\x1b[2J=x\\x1b]0;t\\x07',
    '│  ! TypeError: no stock',
    '│      at order (shop.js:12)',
    '│      at shop.js:40',
    '│      … 2 more',
    '├─ stock:80  70 ms  ok',
    '│  └─ stock  50 ms  throttle  GET http://stock/items → 429',
    '│     └─ SELECT  30 ms  ok  SELECT * FROM stock',
    '└─ pay  in progress',
  ];
  expect(traceTree(DOCUMENTS, { frames: 2 })).toEqual(expected);
  expect(traceTree([...DOCUMENTS].reverse(), { frames: 2 })).toEqual(expected);
});

test('tree: a subsegment without its parent is shown and marked', () => {
  expect(traceTree(DOCUMENTS.slice(0, 1))).toEqual([
    `Trace ${TRACE}  2025-11-20T00:53:20.060Z  30 ms  1 document  incomplete`,
    'SELECT  30 ms  ok  SELECT * FROM stock (parent not received)',
  ]);
});

test('tree: colors never replace words', () => {
  const [, line] = traceTree(DOCUMENTS.slice(2), { color: true });
  expect(line).toContain('\u001b[31mfault\u001b[39m');
});

test('tree: a line is cut to the width', () => {
  const lines = traceTree(DOCUMENTS, { width: 60 });
  expect(Math.max(...lines.slice(1).map((line) => line.length))).toBeLessThanOrEqual(60);
});

test('tree: an empty list of documents is one line', () => {
  expect(traceTree([])).toEqual(['Trace   0 documents']);
});
