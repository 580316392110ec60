import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { allowMoreListeners } from '../../src/process/listener-limit.ts';

/** Returns how many listeners an emitter takes before Node.js warns, apart from one of ours. */
function listenersOfApp(emitter: EventEmitter): number {
  const counts = () => (emitter as unknown as { _events: { e: { warned?: boolean } } })._events.e;
  for (let count = 0; count < 50; count += 1) {
    if (counts()?.warned === true) return count - 1;
    emitter.on('e', () => {});
  }
  return Number.POSITIVE_INFINITY;
}

test.for<[string, (emitter: EventEmitter) => void, number, number]>([
  ['the default', () => {}, 10, 10],
  ['its own limit', (emitter) => emitter.setMaxListeners(3), 3, 3],
  ['no limit', (emitter) => emitter.setMaxListeners(0), 0, Number.POSITIVE_INFINITY],
])(
  'listener limit: an app with %s is warned after as many listeners as without otel-xray',
  ([, change, read, warnedAt]) => {
    const emitter = new EventEmitter();
    const restore = allowMoreListeners(emitter, 1);
    emitter.on('e', () => {});
    change(emitter);
    expect(emitter.getMaxListeners()).toBe(read);
    expect(listenersOfApp(emitter)).toBe(warnedAt);
    restore();
    expect(emitter.getMaxListeners()).toBe(read);
    expect(Object.keys(emitter)).toEqual(Object.keys(new EventEmitter()));
  },
);

test('listener limit: a later default applies', () => {
  const emitter = new EventEmitter();
  allowMoreListeners(emitter, 1);
  const before = EventEmitter.defaultMaxListeners;
  try {
    EventEmitter.defaultMaxListeners = 30;
    expect(emitter.getMaxListeners()).toBe(30);
  } finally {
    EventEmitter.defaultMaxListeners = before;
  }
});

test('listener limit: a sealed emitter is not changed', () => {
  const emitter = Object.seal(new EventEmitter());
  allowMoreListeners(emitter, 1)();
  expect(emitter.getMaxListeners()).toBe(10);
});
