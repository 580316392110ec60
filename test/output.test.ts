import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { lineWriter } from '../src/output.ts';

const busy = (): never => {
  throw Object.assign(new Error('try again'), { code: 'EAGAIN' });
};

/** A pipe that takes so many bytes at each write; 0: it is full. */
function pipe(takes: readonly number[]) {
  const received: Buffer[] = [];
  let turn = 0;
  return {
    text: () => Buffer.concat(received).toString(),
    write(bytes: Uint8Array): number {
      const room = takes[turn] ?? bytes.length;
      turn += 1;
      if (room === 0) busy();
      const count = Math.min(room, bytes.length);
      received.push(Buffer.from(bytes.subarray(0, count)));
      return count;
    },
  };
}

test('all lines arrive whole and in order, however slow the pipe is', () => {
  const takes = fc.array(fc.nat({ max: 5 }), { maxLength: 50 });
  fc.assert(
    fc.property(takes, fc.array(fc.string(), { maxLength: 20 }), (sizes, lines) => {
      const { write, text } = pipe(sizes);
      const onLost = vi.fn();
      const writer = lineWriter(write, {
        onError: ({ message }: Error) => expect.unreachable(message),
        onLost,
        sleep: () => {},
      });
      for (const line of lines) writer.write(`${line}\n`);
      writer.flush(600_000);
      expect(text()).toBe(lines.map((line) => `${line}\n`).join(''));
      expect(onLost).not.toHaveBeenCalled();
    }),
  );
});

test('lines beyond the bound, and those a full pipe never takes, are counted', () => {
  const onLost = vi.fn();
  const options = {
    onError: ({ message }: Error) => expect.unreachable(message),
    onLost,
    maxBytes: 10,
    sleep: () => {},
  };
  const writer = lineWriter(busy, options);
  for (const line of ['1234\n', '5678\n', 'too many\n', 'too many\n']) writer.write(line);
  writer.flush(0);
  writer.flush(0);
  expect(onLost.mock.calls).toEqual([[4]]);
});

test('an error is reported once; what was written to the broken pipe is counted', () => {
  const onError = vi.fn();
  const onLost = vi.fn();
  const broken = (): never => {
    throw Object.assign(new Error('write EPIPE'), { code: 'EPIPE' });
  };
  const writer = lineWriter(broken, { onError, onLost });
  writer.write('one');
  writer.write('two');
  writer.flush(0);
  expect(onError.mock.calls.map(([error]) => error.message)).toEqual(['write EPIPE']);
  expect(onLost.mock.calls).toEqual([[2]]);
});
