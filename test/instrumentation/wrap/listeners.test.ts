import { EventEmitter } from 'node:events';
import { expect, test, vi } from 'vitest';
import { instrumentationFailures } from '../../../src/instrumentation/wrap/guard.ts';
import {
  eventToWatch,
  guardListener,
  messageOf,
} from '../../../src/instrumentation/wrap/listeners.ts';

test('a listener that throws is counted, and the others still run', () => {
  const emitter = new EventEmitter();
  const other = vi.fn();
  const throwing = (): void => {
    throw new TypeError('bug of the instrumentation');
  };
  emitter.on('end', guardListener('listener test', throwing));
  emitter.on('end', other);
  emitter.emit('end', 1);
  expect(other.mock.calls).toEqual([[1]]);
  expect(instrumentationFailures().get('listener test')).toBe(1);
});

test('a guarded listener can be removed', () => {
  const emitter = new EventEmitter();
  const listener = vi.fn();
  emitter.on('end', guardListener('test', listener));
  emitter.removeListener('end', guardListener('test', listener));
  emitter.emit('end');
  expect(listener).not.toHaveBeenCalled();
});

test('a listener that is not a function is passed to the emitter', () => {
  expect(guardListener('test', undefined as never)).toBeUndefined();
});

test('an error that only an instrumentation listens to still throws', () => {
  const emitter = new EventEmitter();
  const listener = vi.fn();
  emitter.once(eventToWatch('error'), guardListener('test', listener));
  const error = new RangeError('of the app');
  expect(() => emitter.emit('error', error)).toThrow(error);
  expect(listener.mock.calls).toEqual([[error]]);
});

test('listeners of other events are not changed', () => {
  expect(eventToWatch('end')).toBe('end');
});

test.each([
  [new Error('said'), 'said'],
  [{ message: 5 }, undefined],
  ['text', undefined],
  [null, undefined],
  [undefined, undefined],
  [
    {
      get message(): string {
        throw new Error('by a getter');
      },
    },
    undefined,
  ],
])('the message of a thrown value (%#)', (thrown, message) => {
  expect(messageOf(thrown)).toBe(message);
});
