import { expect, test } from 'vitest';
import { Events } from '../../src/local/events.ts';
import type { LocalXRay, LocalXRayEvents } from '../../src/local/index.ts';
import { QuietPeriodTracker } from '../../src/local/quiet-period.ts';
import { showOnTerminal, type TerminalOptions, traceSelector } from '../../src/local/terminal.ts';
import { foldTree, traceTree } from '../../src/local/tree.ts';
import type { SegmentDocument } from '../../src/translator/document.ts';
import { entityId, traceId } from '../support/local-xray.ts';

const COUNTS = {
  traces: 1,
  documents: 1,
  bytes: 100,
  received: 1,
  refused: 0,
  foreign: 0,
  unsampled: 0,
};

function trace(number: number): LocalXRayEvents['trace'] {
  return {
    id: traceId(number),
    revision: 1,
    start: 1,
    duration: 1,
    responseTime: 1,
    partial: false,
    error: false,
    fault: false,
    throttle: false,
    documents: [
      { trace_id: traceId(number), id: entityId(1), name: 'shop', start_time: 1, end_time: 2 },
    ],
  };
}

function screen(isTTY: boolean, json = false, more: Partial<TerminalOptions> = {}) {
  const events = new Events<LocalXRayEvents>();
  const xray = {
    url: 'http://127.0.0.1:2000',
    on: (name: keyof LocalXRayEvents, listener: never) => events.on(name, listener),
    counts: () => COUNTS,
  } as unknown as LocalXRay;
  let text = '';
  const out = {
    isTTY,
    columns: 80,
    write: (added: string) => {
      text += added;
    },
  };
  const { stop, progress } = showOnTerminal(xray, { out, json, color: false, ...more });
  return { events, stop, progress, text: () => text };
}

test('a file gets trees and problems without cursor movements', () => {
  const { events, stop, text } = screen(false);
  events.emit('trace', trace(1));
  events.emit('problem', {
    at: 1,
    via: 'udp',
    kind: 'refused',
    code: 'InvalidName',
    reason: 'name "a\u001b[2J"',
    text: '',
  });
  events.emit('notice', { message: '--forward: no' });
  stop();
  expect(text()).toBe(
    `Trace ${traceId(1)}  1970-01-01T00:00:01.000Z  1 s  1 document\nshop  1 s  ok\n\nX-Ray would reject a document (InvalidName): name "a\\x1b[2J"\n--forward: no\n`,
  );
});

test('a terminal has one line of counts that changes in place', () => {
  const { events, stop, text } = screen(true);
  events.emit('notice', { message: 'hello' });
  stop();
  expect(text()).toBe('\r\u001b[2Khello\n\r\u001b[2K1 trace · 1 document · 1 KB\r\u001b[2K');
});

test('a flood of traces is counted, not drawn', () => {
  const { events, stop, text } = screen(false);
  for (let i = 0; i < 200; i++) {
    events.emit('trace', trace(i));
    events.emit('problem', { at: 1, via: 'udp', kind: 'foreign', reason: 'bytes', text: '' });
  }
  stop();
  expect(text().match(/^Trace /gm)).toHaveLength(50);
  expect(text().match(/^ignored: /gm)).toHaveLength(20);
  expect(text()).toContain('… 150 more traces\n… 180 more problems\n');
});

/** A trace with `subsegments` subsegments; the last one has an exception. */
function longTrace(number: number, subsegments: number): LocalXRayEvents['trace'] {
  const whole = trace(number);
  const [root] = whole.documents;
  const cause = { exceptions: [{ id: entityId(9), type: 'Declined', message: 'no funds' }] };
  const children = Array.from({ length: subsegments }, (_, index) => ({
    id: entityId(100 + index),
    name: `call ${index}`,
    start_time: 1 + index / 100,
    end_time: 2,
    ...(index === subsegments - 1 ? { fault: true as const, cause } : {}),
  }));
  return { ...whole, documents: [{ ...(root as SegmentDocument), subsegments: children }] };
}

test('a long trace is folded; its exception and a link remain', () => {
  const { events, stop, text } = screen(false, false, { lines: 4 });
  events.emit('trace', longTrace(1, 20));
  stop();
  expect(text().trimEnd().split('\n').slice(1)).toEqual([
    'shop  1 s  ok',
    '├─ call 0  1 s  ok',
    '├─ call 1  990 ms  ok',
    '   ! Declined: no funds',
    `… 19 more lines: http://127.0.0.1:2000/#/trace/${traceId(1)}`,
  ]);
});

test('repeated calls are one line, failed ones and others stand alone', () => {
  const whole = trace(1);
  const [root] = whole.documents;
  const call = (index: number, more: object) => ({
    id: entityId(100 + index),
    name: 'cache',
    namespace: 'remote' as const,
    start_time: 1 + index / 1_000,
    end_time: 1.001 + index / 1_000,
    ...more,
  });
  const subsegments = [
    ...Array.from({ length: 400 }, (_, index) => call(index, {})),
    call(400, { fault: true as const }),
    call(401, { name: 'orders' }),
  ];
  const documents = [{ ...(root as SegmentDocument), subsegments }];
  const shown = (lines: number): readonly string[] => {
    const { events, stop, text } = screen(false, false, { lines });
    events.emit('trace', { ...whole, documents });
    stop();
    return text().trimEnd().split('\n').slice(1);
  };
  expect(shown(8)).toEqual([
    'shop  1 s  ok',
    '├─ cache ×400  400 ms  ok',
    '├─ cache  1 ms  fault',
    '└─ orders  1 ms  ok',
  ]);
  expect(shown(0).length).toBeGreaterThan(300);
});

test('more trees than a reader can follow become one line each', () => {
  const { events, stop, text } = screen(false, false, { lines: 8 });
  for (let i = 0; i < 12; i++) events.emit('trace', longTrace(i, 20));
  stop();
  expect(text().match(/^Trace /gm)).toHaveLength(12);
  expect(text().match(/more lines/g)).toHaveLength(4);
  expect(
    text().match(/^Trace \S+ {2}\S+ {2}1 s {2}1 document {2}shop {2}1 s {2}ok$/gm),
  ).toHaveLength(8);
});

test('folding keeps short trees, and colors do not hide an exception', () => {
  const tree = ['a', 'b', 'c'];
  expect(foldTree(tree, { lines: 2, where: 'x' })).toBe(tree);
  expect(foldTree(tree, { lines: 0, where: 'x' })).toBe(tree);
  const colored = traceTree(longTrace(1, 20).documents, { color: true });
  expect(foldTree(colored, { lines: 4, where: 'x' })).toHaveLength(6);
});

test.for([
  { show: {}, printed: [1, 2, 3, 4] },
  { show: { errors: true }, printed: [2, 3] },
  { show: { slowMs: 500 }, printed: [3, 4] },
  { show: { errors: true, slowMs: 500 }, printed: [2, 3, 4] },
  { show: { filter: 'x' }, printed: [1, 3] },
  { show: { errors: true, filter: 'x' }, printed: [3] },
])('$show prints traces $printed', ({ show, printed }) => {
  const traces = [
    { ...trace(1), responseTime: 0.1, duration: 3 },
    { ...longTrace(2, 1), responseTime: 0.1 },
    { ...longTrace(3, 1), responseTime: 0.5 },
    { ...trace(4), responseTime: undefined, duration: 0.5 },
  ];
  const matcher = () => (each: { readonly id: string }) =>
    [traceId(1), traceId(3)].includes(each.id);
  const select = traceSelector(
    { errors: false, slowMs: undefined, filter: undefined, ...show },
    { matcher },
  );
  const ids = traces.filter((each) => select?.(each) ?? true).map(({ id }) => id);
  expect(ids).toEqual(printed.map(traceId));
});

test('a terminal shows how far a replay is', () => {
  const { progress, stop, text } = screen(true);
  progress('replay 50%, 10 messages');
  progress('');
  stop();
  expect(text()).toBe(
    '\r\u001b[2Kreplay 50%, 10 messages · 1 trace · 1 document · 1 KB\r\u001b[2K1 trace · 1 document · 1 KB\r\u001b[2K',
  );
});

test('--json prints every trace', () => {
  const { events, stop, text } = screen(false, true);
  for (let i = 0; i < 200; i++) events.emit('trace', trace(i));
  stop();
  expect(
    text()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).type),
  ).toEqual(Array(200).fill('trace'));
});

test('a listener that throws does not affect other listeners', async () => {
  const events = new Events<{ readonly a: number }>();
  const warned = new Promise((resolve) => process.once('warning', resolve));
  const heard: number[] = [];
  events.on('a', () => {
    throw new Error('mine');
  });
  events.on('a', (value) => heard.push(value));
  events.emit('a', 1);
  expect(heard).toEqual([1]);
  expect(await warned).toMatchObject({ message: 'mine' });
});

test('a trace is announced once: a complete one after the quiet period, a partial one later', () => {
  const tracker = new QuietPeriodTracker({ quietMs: 100, partialMs: 1_000 });
  const partial = (id: string) => id === 'partial';
  tracker.changed('a', 0);
  tracker.changed('partial', 0);
  tracker.changed('a', 50);
  expect(tracker.takeQuiet(149, partial)).toEqual([]);
  expect(tracker.takeQuiet(150, partial)).toEqual(['a']);
  expect(tracker.takeQuiet(999, partial)).toEqual([]);
  expect(tracker.takeQuiet(1_000, partial)).toEqual(['partial']);
  expect(tracker.takeQuiet(5_000, partial)).toEqual([]);
  tracker.changed('a', 6_000);
  tracker.changed('b', 6_000);
  expect(tracker.takeQuiet(7_000, partial, 1)).toEqual(['a']);
  expect(tracker.pendingCount).toBe(1);
});
