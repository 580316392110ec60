import { expect, test } from 'vitest';
import type { ReceiveQueueState } from '../../../src/exporter/transport/receive-queue.ts';
import { createReceiverMonitor } from '../../../src/exporter/transport/receiver-monitor.ts';

/** A monitor of a receive queue that the test sets; counts the readings. */
function watched(state: Partial<ReceiveQueueState> = {}) {
  const queue: { state: Partial<ReceiveQueueState> | undefined; reads: number } = {
    state,
    reads: 0,
  };
  const monitor = createReceiverMonitor(() => {
    queue.reads += 1;
    return queue.state && { socketId: '1', waitingBytes: 0, drops: 0, ...queue.state };
  });
  return { queue, monitor };
}

/** Bytes of kernel memory above and below the backlog. */
const BACKLOG = 100_000;
const FEW = 10_000;

test('reads the queue at first, then after 48 KB', () => {
  const { queue, monitor } = watched();
  for (let sent = 0; sent < 20; sent += 1) {
    expect(monitor.hasRoom(8_000, 0)).toBe(true);
    monitor.sent(8_000);
  }
  expect(queue.reads).toBe(4);
});

test('reads the queue every 500 ms while little is sent', () => {
  const { queue, monitor } = watched();
  for (let nowMs = 0; nowMs < 2_000; nowMs += 5) {
    monitor.hasRoom(100, nowMs);
    monitor.sent(100);
  }
  expect(queue.reads).toBe(4);
});

test('without a reader there is always room', () => {
  const monitor = createReceiverMonitor(undefined);
  expect([monitor.hasRoom(60_000, 0), monitor.visible, monitor.hasRestarted(0)]).toEqual([
    true,
    false,
    false,
  ]);
  expect([monitor.isListening(), monitor.stalledMs(1e6), monitor.unreadBytes]).toEqual([
    undefined,
    0,
    0,
  ]);
});

test('a backlog leaves no room until the daemon has read most of it', () => {
  const { queue, monitor } = watched({ waitingBytes: BACKLOG });
  expect(monitor.hasRoom(100, 0)).toBe(false);
  expect(monitor.unreadBytes).toBe(BACKLOG);
  queue.state = { waitingBytes: FEW };
  expect(monitor.hasRoom(100, 1)).toBe(true);
});

test('a backlog that does not shrink is a stall, for as long as it lasts', () => {
  const { queue, monitor } = watched({ waitingBytes: BACKLOG });
  const stalled = [0, 500, 5_000, 60_000].map((nowMs) => [
    monitor.hasRoom(100, nowMs),
    monitor.stalledMs(nowMs),
  ]);
  expect(stalled).toEqual([
    [false, 0],
    [false, 500],
    [false, 5_000],
    [false, 60_000],
  ]);
  queue.state = { waitingBytes: FEW };
  expect([monitor.hasRoom(100, 60_001), monitor.stalledMs(60_001)]).toEqual([true, 0]);
});

test('a backlog that lasts although the daemon reads is not ours: sends after a second', () => {
  const { queue, monitor } = watched({ waitingBytes: BACKLOG });
  const rooms: boolean[] = [];
  for (let nowMs = 0; nowMs <= 2_000; nowMs += 500) {
    // The daemon reads some, and another sender fills the queue again.
    queue.state = { waitingBytes: BACKLOG - (nowMs % 1_000) };
    rooms.push(monitor.hasRoom(100, nowMs));
  }
  expect(rooms).toEqual([false, false, false, true, true]);
});

test('another socket at the port is a restarted daemon, reported once', () => {
  const { queue, monitor } = watched();
  expect([monitor.hasRestarted(0), monitor.hasRestarted(500)]).toEqual([false, false]);
  queue.state = undefined;
  expect(monitor.hasRestarted(1_000)).toBe(false);
  queue.state = { socketId: '2' };
  expect([monitor.hasRestarted(1_500), monitor.hasRestarted(2_000)]).toEqual([true, false]);
});

test('isListening(): unknown for a socket that was never visible, else whether it is there', () => {
  const { queue, monitor } = watched();
  queue.state = undefined;
  monitor.hasRoom(100, 0);
  const never = monitor.isListening();
  queue.state = {};
  monitor.hasRoom(100, 500);
  const there = monitor.isListening();
  queue.state = undefined;
  expect([never, there, monitor.isListening()]).toEqual([undefined, true, false]);
});
