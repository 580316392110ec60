import { expect, test } from 'vitest';
import { Events } from '../../src/local/events.ts';
import type { LocalXRay, LocalXRayEvents } from '../../src/local/index.ts';
import { QuietPeriodTracker } from '../../src/local/quiet-period.ts';
import { showOnTerminal } from '../../src/local/terminal.ts';
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

function screen(isTTY: boolean, json = false) {
  const events = new Events<LocalXRayEvents>();
  const xray = {
    on: (name: keyof LocalXRayEvents, listener: never) => events.on(name, listener),
    counts: () => COUNTS,
  } as unknown as LocalXRay;
  let text = '';
  const out = {
    isTTY,
    columns: 80,
    write: (more: string) => {
      text += more;
    },
  };
  const stop = showOnTerminal(xray, { out, json, color: false });
  return { events, stop, text: () => text };
}

test('a file gets trees and problems, no cursor movements', () => {
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
    `Trace ${traceId(1)}  1970-01-01T00:00:01.000Z  1 s  1 document\nshop  1 s  ok\n\nX-Ray would refuse a document (InvalidName): name "a\\x1b[2J"\n--forward: no\n`,
  );
});

test('a terminal has one line of counts that changes in place', () => {
  const { events, stop, text } = screen(true);
  events.emit('notice', { message: 'hello' });
  stop();
  expect(text()).toBe('\r\u001b[2Khello\n\r\u001b[2K1 trace · 1 document · 1 KB\r\u001b[2K');
});

test('a flood is counted, not drawn', () => {
  const { events, stop, text } = screen(false);
  for (let i = 0; i < 200; i++) {
    events.emit('trace', trace(i));
    events.emit('problem', { at: 1, via: 'udp', kind: 'foreign', reason: 'bytes', text: '' });
  }
  stop();
  expect(text().match(/^Trace /gm)).toHaveLength(50);
  expect(text().match(/^ignored /gm)).toHaveLength(20);
  expect(text()).toContain('… 150 more traces\n… 180 more problems\n');
});

test('--json leaves nothing out', () => {
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

test('a listener that throws does not keep others from hearing', async () => {
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

test('a trace has settled after the quiet time, a partial one later, each once', () => {
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
