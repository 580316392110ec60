import { runInSlot } from './active-segment.ts';
import { resolveSegment } from './context.ts';
import type { SegmentLike, Subsegment } from './entities.ts';
import { log } from './logger.ts';

/**
 * Runs a function as a subsegment that is closed when the function returns or throws.
 *
 * As in the X-Ray SDK, a promise that the function returns is not awaited; use
 * {@link captureAsyncFunc} for that.
 *
 * @param parent in manual mode, the parent segment or subsegment
 * @throws {Error} if `name` is empty or `fcn` is not a function; errors of `fcn` are passed on
 */
export function captureFunc<T>(
  name: string,
  fcn: (subsegment?: Subsegment) => T,
  parent?: SegmentLike,
): T {
  const subsegment = startSubsegment(name, fcn, parent);
  if (subsegment === undefined) return fcn();
  return closing(subsegment, () => {
    const result = runInSlot(() => fcn(subsegment), subsegment);
    subsegment.close();
    return result;
  });
}

/** Runs a function as a subsegment, which the function closes. If it throws, the subsegment is closed. */
export function captureAsyncFunc<T>(
  name: string,
  fcn: (subsegment?: Subsegment) => T,
  parent?: SegmentLike,
): T {
  const subsegment = startSubsegment(name, fcn, parent);
  if (subsegment === undefined) return fcn();
  return closing(subsegment, () => runInSlot(() => fcn(subsegment), subsegment));
}

/**
 * Returns a callback that runs as a subsegment each time it is called. It gets the subsegment as its
 * last argument.
 */
export function captureCallbackFunc<S extends unknown[], T>(
  name: string,
  fcn: (...args: S) => T,
  parent?: SegmentLike,
): (...args: S) => T {
  validate(name, fcn);
  const base = resolveSegment(parent);
  if (base === undefined) {
    log('warn', `captureCallbackFunc("${name}") outside a segment: the callback is not recorded`);
    return fcn;
  }
  return function (this: unknown, ...args: S): T {
    const run = (...subsegment: unknown[]): T => fcn.apply(this, [...args, ...subsegment] as S);
    return captureFunc(name, run, resolveSegment(parent) ?? base);
  };
}

function startSubsegment(
  name: string,
  fcn: unknown,
  parent: SegmentLike | undefined,
): Subsegment | undefined {
  validate(name, fcn);
  const base = resolveSegment(parent);
  if (base === undefined) log('warn', `"${name}" is not recorded: there is no current segment`);
  return base?.addNewSubsegment(name);
}

function closing<T>(subsegment: Subsegment, run: () => T): T {
  try {
    return run();
  } catch (error) {
    subsegment.close(error as Error);
    throw error;
  }
}

function validate(name: unknown, fcn: unknown): void {
  if (typeof name !== 'string' || name === '') {
    throw new Error('Param "name" must be a non-empty string.');
  }
  if (typeof fcn !== 'function') throw new Error('Param "fcn" must be a function.');
}
