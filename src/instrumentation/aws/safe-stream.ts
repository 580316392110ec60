import { reportFailure } from '../wrap/guard.ts';

/**
 * Returns a stream that passes through code of an instrumentation. If that code throws, the app
 * receives the rest of the stream without it: no item is lost or repeated.
 *
 * @param wrap called immediately with a stream of the items of `source`
 */
export function safeStream<Item>(
  instrumentation: string,
  source: AsyncIterable<Item>,
  wrap: (source: AsyncIterable<Item>) => AsyncIterable<Item>,
): AsyncIterableIterator<Item> {
  const observed = observe(source);
  const wrapped = wrap(observed.stream)[Symbol.asyncIterator]();
  return passOn(instrumentation, observed, wrapped);
}

interface Observed<Item> {
  /** Has no `return`, so that only the app ends the source. */
  readonly stream: AsyncIterable<Item>;
  /** Made at the first use. */
  iterator(): AsyncIterator<Item>;
  /** Items that were read. */
  count: number;
  last: Item | undefined;
  /** The source itself has failed; the app receives the error. */
  hasFailed: boolean;
}

function observe<Item>(source: AsyncIterable<Item>): Observed<Item> {
  let iterator: AsyncIterator<Item> | undefined;
  const next = async (): Promise<IteratorResult<Item>> => {
    try {
      const step = await observed.iterator().next();
      if (step.done) return step;
      observed.count += 1;
      observed.last = step.value;
      return step;
    } catch (error) {
      observed.hasFailed = true;
      throw error;
    }
  };
  const observed: Observed<Item> = {
    stream: { [Symbol.asyncIterator]: () => ({ next }) },
    iterator: () => {
      iterator ??= source[Symbol.asyncIterator]();
      return iterator;
    },
    count: 0,
    last: undefined,
    hasFailed: false,
  };
  return observed;
}

async function* passOn<Item>(
  instrumentation: string,
  observed: Observed<Item>,
  wrapped: AsyncIterator<Item>,
): AsyncGenerator<Item> {
  let isOpen = true;
  let given = 0;
  try {
    for (;;) {
      const step = await nextOf(instrumentation, observed, wrapped);
      if (step === undefined) break;
      if (step.done) {
        isOpen = false;
        return;
      }
      given += 1;
      yield step.value;
    }
    if (observed.count > given) yield observed.last as Item;
    const rest = observed.stream[Symbol.asyncIterator]();
    for (;;) {
      const step = await rest.next();
      if (step.done) {
        isOpen = false;
        return;
      }
      yield step.value;
    }
  } finally {
    if (isOpen) await end(instrumentation, observed, wrapped);
  }
}

/** Returns the next item; `undefined` when the code of the instrumentation has thrown. */
async function nextOf<Item>(
  instrumentation: string,
  observed: Observed<Item>,
  wrapped: AsyncIterator<Item>,
): Promise<IteratorResult<Item> | undefined> {
  try {
    return await wrapped.next();
  } catch (error) {
    if (observed.hasFailed) throw error;
    reportFailure(instrumentation, error);
    return undefined;
  }
}

/** Closes the stream when the app stops before its end. */
async function end<Item>(
  instrumentation: string,
  observed: Observed<Item>,
  wrapped: AsyncIterator<Item>,
): Promise<void> {
  try {
    await wrapped.return?.();
  } catch (error) {
    reportFailure(instrumentation, error);
  }
  if (!observed.hasFailed) await observed.iterator().return?.();
}
