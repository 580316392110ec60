import { expect, test } from 'vitest';
import { traceTree } from '../../src/local/index.ts';
import { entitiesOf } from '../../src/local/page/trace/entities.ts';
import { timelineRows } from '../../src/local/page/trace/rows.ts';
import { flagsOf, lengthOf } from '../../src/local/trace/entity.ts';
import { durationText, statusName, summaryParts } from '../../src/local/trace/labels.ts';
import type { SegmentDocument } from '../../src/translator/document.ts';
import { kindOf, shopTrace } from './support/shop.ts';

const OPEN = [
  {
    trace_id: '1-69000000-000000000000000000000abc',
    id: '00000000000000a1',
    name: 'worker',
    start_time: 1_763_600_000,
    in_progress: true,
    subsegments: [
      {
        id: '00000000000000a2',
        name: 'resize',
        start_time: 1_763_600_001,
        end_time: 1_763_600_002,
      },
      { id: '00000000000000a3', name: 'upload', start_time: 1_763_600_002, in_progress: true },
    ],
  },
];

const TRACES: readonly { readonly rule: string; readonly documents: readonly object[] }[] = [
  ...[0, 2, 4, 5, 6, 8].map((number) => ({
    rule: kindOf(number),
    documents: shopTrace({ number, start: 1_763_600_000 }),
  })),
  { rule: 'in progress', documents: OPEN },
];

test.for(TRACES)('the page and the terminal show the same for a trace: $rule', ({ documents }) => {
  const rows = timelineRows(entitiesOf(documents.map((each) => JSON.stringify(each))), new Set());
  const page = rows.map(({ entity, depth }) => {
    const length = lengthOf(entity);
    const word = statusName(flagsOf(entity.record), entity.end === undefined);
    const parts = [entity.name, length === undefined ? '' : durationText(length), word];
    return `${depth} ${[...parts, summaryParts(entity).join(' ')].filter(Boolean).join('  ')}`;
  });
  const tree = traceTree(documents as readonly SegmentDocument[], { width: 1_000 });
  expect(page).toEqual(tree.slice(1).filter(isEntity).map(withDepth));
});

/** Whether a line is an entity, not an annotation or exception below one. */
function isEntity(line: string): boolean {
  return !/^[│ ]*(?:@|!|at |… )/.test(line);
}

function withDepth(line: string): string {
  const [branch = ''] = /^[│ ├└─]*/.exec(line) ?? [];
  return `${branch.length / 3} ${line.slice(branch.length)}`;
}

test('closed rows hide their descendants only', () => {
  const tops = entitiesOf(shopTrace({ number: 0, start: 1 }).map((each) => JSON.stringify(each)));
  const all = timelineRows(tops, new Set());
  const call = all.find(({ entity }) => entity.name === 'stock' && entity.kind === 'subsegment');
  const some = timelineRows(tops, new Set([call?.key ?? '']));
  expect(all.map(({ entity }) => entity.name)).toEqual([
    'shop',
    'middleware - session',
    'stock',
    'stock',
    'warehouse@db.local',
    'DynamoDB',
    'charge card',
    'api.pay.example',
  ]);
  expect(some.map(({ entity, expanded }) => [entity.name, expanded])).toEqual([
    ['shop', true],
    ['middleware - session', true],
    ['stock', false],
    ['DynamoDB', true],
    ['charge card', true],
    ['api.pay.example', true],
  ]);
});

test('equal ids in one document give rows with different keys', () => {
  const twice = { id: '1', name: 'a', start_time: 1, end_time: 2 };
  const tops = entitiesOf([JSON.stringify({ ...twice, subsegments: [twice, twice] })]);
  expect(timelineRows(tops, new Set()).map(({ key }) => key)).toEqual(['1', '1/2', '1/3']);
});
