import { trace } from '@opentelemetry/api';
import { textOf } from '../attempt.ts';
import { warnOnce } from '../diagnostics.ts';

/** How {@link flush} waits. */
export interface FlushOptions {
  /** Longest wait in milliseconds; 2,000 when left out. */
  readonly timeoutMs?: number;
}

type Flush = () => Promise<void>;

/**
 * Sends everything that has ended until now: before a script ends by force, in a test, or before a
 * machine goes to sleep. At a normal exit and after a Lambda invocation this happens by itself.
 *
 * Never throws or rejects.
 *
 * @returns false when there is no provider, sending failed or the time was over
 */
export async function flush({ timeoutMs = 2_000 }: FlushOptions = {}): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  try {
    const force = globalFlush();
    if (force === undefined) return false;
    const late = new Promise<false>((resolve) => {
      // Referenced: the app may await this at its end.
      timer = setTimeout(resolve, timeoutMs, false);
    });
    return await Promise.race([force().then(() => true as const), late]);
  } catch (error) {
    warnOnce(`flush() failed: ${textOf(error)}`, 'flush');
    return false;
  } finally {
    clearTimeout(timer);
  }
}

/** `forceFlush` of whatever provider is registered with the OpenTelemetry API. */
function globalFlush(): Flush | undefined {
  const provider: unknown = trace.getTracerProvider();
  const delegate = (provider as { getDelegate?: () => unknown }).getDelegate?.() ?? provider;
  const { forceFlush } = delegate as { forceFlush?: Flush };
  return forceFlush === undefined ? undefined : () => forceFlush.call(delegate);
}
