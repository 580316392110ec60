import { trace } from '@opentelemetry/api';
import { textOf } from '../attempt.ts';
import { warnOnce } from '../diagnostics.ts';

/** Options of {@link flush}. */
export interface FlushOptions {
  /** Longest wait in milliseconds. Default: 2,000. */
  readonly timeoutMs?: number;
}

type Flush = () => Promise<void>;

/**
 * Sends all spans that have ended, for example before a forced exit, in a test, or before the machine
 * is suspended. At a normal exit and after a Lambda invocation this happens automatically.
 *
 * Never throws or rejects.
 *
 * @returns `false` if there is no provider, sending failed, or the time limit was reached
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

/** Returns `forceFlush` of the provider that is registered with the OpenTelemetry API. */
function globalFlush(): Flush | undefined {
  const provider: unknown = trace.getTracerProvider();
  const delegate = (provider as { getDelegate?: () => unknown }).getDelegate?.() ?? provider;
  const { forceFlush } = delegate as { forceFlush?: Flush };
  return forceFlush === undefined ? undefined : () => forceFlush.call(delegate);
}
