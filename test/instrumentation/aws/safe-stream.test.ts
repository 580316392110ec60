import fc from 'fast-check';
import { expect, test } from 'vitest';
import { safeStream } from '../../../src/instrumentation/aws/safe-stream.ts';

interface Source extends AsyncIterable<number> {
  isClosed: boolean;
}

/** Counts up; fails after `failsAfter` items where that is given. */
function source(length: number, failsAfter = Number.POSITIVE_INFINITY): Source {
  const made: Source = {
    isClosed: false,
    async *[Symbol.asyncIterator]() {
      try {
        for (let index = 0; index < length; index += 1) {
          if (index === failsAfter) throw new RangeError('of the source');
          yield index;
        }
      } finally {
        made.isClosed = true;
      }
    },
  };
  return made;
}

/** Code of an instrumentation that throws before or after it hands item `at` over. */
const throwing = (at: number, isBefore: boolean) =>
  async function* (given: AsyncIterable<number>): AsyncGenerator<number> {
    for await (const item of given) {
      if (isBefore && item === at) throw new TypeError('of the instrumentation');
      yield item;
      if (item === at) throw new TypeError('of the instrumentation');
    }
  };

async function read(stream: AsyncIterable<number>, limit = Number.POSITIVE_INFINITY) {
  const items: number[] = [];
  try {
    for await (const item of stream) {
      items.push(item);
      if (items.length >= limit) break;
    }
  } catch (error) {
    return { items, error };
  }
  return { items };
}

test('the app gets each item once, and the error of the source, whatever the instrumentation throws', async () => {
  const numbers = fc.nat({ max: 6 });
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        length: numbers,
        failsAfter: fc.integer({ min: 0, max: 8 }),
        at: numbers,
        isBefore: fc.boolean(),
        limit: fc.integer({ min: 1, max: 8 }),
      }),
      async ({ length, failsAfter, at, isBefore, limit }) => {
        const given = source(length, failsAfter);
        const safe = await read(safeStream('test', given, throwing(at, isBefore)), limit);
        expect(safe).toEqual(await read(source(length, failsAfter), limit));
        expect(given.isClosed).toBe(true);
      },
    ),
  );
});
