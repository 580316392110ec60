import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import type { BatchWriter } from '../../../src/exporter/batch/batch-writer.ts';
import { newCounters } from '../../../src/exporter/counters.ts';
import type { ByteWriter } from '../../../src/exporter/encode/byte-writer.ts';
import { SendQueue } from '../../../src/exporter/transport/send-queue.ts';

/** A queue whose datagrams are their number, repeated up to a size, with two documents each. */
function numbered(holdBytes = 1 << 23) {
  const counters = newCounters();
  const pending: number[] = [];
  let written = 0;
  /** Size of the buffer that the next datagram is written into. */
  const room = { bytes: 0 };
  const batchWriter = {
    get isEmpty() {
      return pending.length === 0;
    },
    writeNext(out: ByteWriter) {
      const size = pending.shift();
      if (size === undefined) return undefined;
      const start = out.length;
      room.bytes = out.bytes.length;
      out.reserve(size);
      out.bytes.fill(contentOf(written), start, start + size);
      out.length = start + size;
      written += 1;
      counters.written += 2;
      return { start, end: out.length, documents: 2 };
    },
  } as unknown as BatchWriter;
  const queue = new SendQueue({ batchWriter, counters, holdBytes });
  const write = (...sizes: readonly number[]) => {
    pending.push(...sizes);
    while (!queue.allWritten) queue.writeNext();
  };
  const send = (count: number, nowMs: number) => {
    const sent: number[] = [];
    for (let left = count; left > 0; left -= 1) {
      const datagram = queue.peek();
      if (datagram === undefined) break;
      sent.push(datagram.sequence);
      queue.markSent(nowMs);
    }
    return sent;
  };
  return { counters, queue, write, send, room };
}

const contentOf = (number: number) => `<${number}>`;

test('sends in the order of encoding, and again after a rewind', () => {
  const { queue, write, send, counters } = numbered();
  write(100, 100, 100);
  expect([send(2, 0), counters.sent, counters.written]).toEqual([[0, 1], 4, 2]);
  queue.rewind(20);
  expect([counters.sent, counters.datagrams, counters.bytes, counters.held]).toEqual([0, 0, 0, 4]);
  expect(queue.peek()?.isRepeated).toBe(true);
  expect([send(9, 1), counters.sent, counters.held, counters.written]).toEqual([
    [0, 1, 2],
    6,
    0,
    0,
  ]);
});

test('forgets datagrams 1.5 s after they were sent, but not those that may be unread', () => {
  const { queue, write, send } = numbered();
  write(100, 100, 100, 100);
  send(1, 0);
  send(2, 1_000);
  queue.forgetOld(1_501, 0);
  queue.rewind(0);
  expect(send(4, 1_501)).toEqual([1, 2, 3]);
  queue.forgetOld(10_000, 200);
  queue.rewind(0);
  expect(send(4, 10_000)).toEqual([2, 3]);
});

test('keeps at most a megabyte of sent datagrams', () => {
  const { queue, write, send } = numbered();
  write(...Array.from({ length: 40 }, () => 60_000));
  send(40, 0);
  queue.forgetOld(0, 0);
  queue.rewind(0);
  const kept = send(40, 0);
  expect([kept.length, kept.at(-1)]).toEqual([Math.floor(2 ** 20 / 60_000), 39]);
});

test('uses the memory of forgotten datagrams again, and releases it when nothing is kept', () => {
  const allocated = vi.spyOn(Buffer, 'allocUnsafeSlow');
  const { queue, write, send } = numbered();
  const sendMany = (nowMs: number) => {
    write(...Array.from({ length: 16 }, () => 50_000));
    send(16, nowMs);
    queue.forgetOld(nowMs, 0);
  };
  for (const nowMs of [0, 1, 2]) sendMany(nowMs);
  const before = allocated.mock.calls.length;
  for (const nowMs of [3, 4, 5]) sendMany(nowMs);
  expect(allocated).toHaveBeenCalledTimes(before);
  queue.forgetOld(2_000, 0);
  sendMany(2_001);
  expect(allocated.mock.calls.length).toBeGreaterThan(before);
  allocated.mockRestore();
});

test('trim() drops the oldest; those that probably arrived are not counted as lost', () => {
  const { queue, write, send, counters } = numbered(1_000);
  write(...Array.from({ length: 10 }, () => 100));
  send(3, 0);
  send(1, 100);
  queue.rewind(20);
  write(...Array.from({ length: 5 }, () => 100));
  // 0 to 2 probably arrived, 3 was refused, 4 was never sent.
  expect(queue.trim()).toBe(4);
  expect(counters).toMatchObject({ sent: 6, dropped: { 'hold-full': 4 } });
  expect(send(99, 200)).toEqual([5, 6, 7, 8, 9, 10, 11, 12, 13, 14]);
});

test('a removed datagram is not sent again, and its documents no longer count', () => {
  const { queue, write, send, counters } = numbered();
  write(100, 100, 100);
  send(2, 0);
  expect(queue.remove(1)?.documents).toBe(2);
  expect(queue.remove(1)).toBe(undefined);
  queue.rewind(0);
  expect(send(9, 0)).toEqual([0, 2]);
  expect(counters).toMatchObject({ sent: 4, datagrams: 2, bytes: 200, held: 0, written: 0 });
});

test('whatever happens, bytes stay intact, order is kept, and every document is counted once', () => {
  const step = fc.oneof(
    fc.record({
      do: fc.constant('write'),
      sizes: fc.array(fc.integer({ min: 40, max: 65_507 }), { maxLength: 12 }),
    }),
    fc.record({ do: fc.constant('send'), count: fc.nat(12) }),
    fc.record({ do: fc.constantFrom('rewind', 'forget', 'trim', 'remove') }),
  );
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 60 }),
      fc.constantFrom(0, 100_000, 600_000),
      (steps, holdBytes) => {
        const { counters, queue, write, send } = numbered(holdBytes);
        let nowMs = 0;
        let removed = 0;
        let lastSent: number | undefined;
        for (const each of steps) {
          nowMs += 400;
          if ('sizes' in each) write(...each.sizes);
          else if ('count' in each) lastSent = send(each.count, nowMs).at(-1) ?? lastSent;
          else if (each.do === 'rewind') queue.rewind(20);
          else if (each.do === 'forget') queue.forgetOld(nowMs, 50_000);
          else if (each.do === 'trim') queue.trim();
          else if (lastSent !== undefined) removed += queue.remove(lastSent)?.documents ?? 0;
          const next = queue.peek();
          const content = next && Buffer.alloc(next.bytes.length, contentOf(next.sequence));
          expect(next?.bytes).toEqual(content);
          const { sent, held, written, dropped } = counters;
          expect(sent + held + written + dropped['hold-full'] + removed).toBe(2 * queue.written);
          expect(Math.min(sent, held, written)).toBeGreaterThanOrEqual(0);
        }
        const all = send(1e6, nowMs);
        expect(all).toEqual(all.toSorted((a, b) => a - b));
        expect([counters.held, counters.written, queue.hasUnsent]).toEqual([0, 0, false]);
      },
    ),
    { numRuns: 200 },
  );
});

test('a buffer that has grown is replaced when its datagrams are forgotten', () => {
  const { queue, write, send, room } = numbered();
  write(100);
  const usual = room.bytes;
  write(5 * usual);
  send(2, 0);
  queue.forgetOld(10_000, 0);
  write(100);
  expect(room.bytes).toBe(usual);
  expect(queue.peek()?.bytes.toString('utf8', 0, 3)).toBe('<2>');
});
