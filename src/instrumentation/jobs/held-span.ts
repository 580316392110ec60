import type { Link, Span, TimeInput } from '@opentelemetry/api';
import { currentTimeOf } from '../../span-clock.ts';

/** How long a span that has ended waits for its links. */
const MAX_WAIT_MS = 100;

/** A span that ends when its links are known. */
export interface HeldSpan {
  /** Adds one of the links that the span waits for. */
  addLink(link: Link): void;
  /** Waits no longer. */
  release(): void;
}

/**
 * Makes a span that has just started wait for links before it ends, for a tenth of a second at most. It keeps
 * the time at which it was to end.
 *
 * @param links how many links it waits for
 */
export function holdEnd(span: Span, links: number): HeldSpan {
  const end = span.end.bind(span);
  let missing = links;
  let ended: { readonly time: TimeInput } | undefined;
  let timer: NodeJS.Timeout | undefined;
  const release = (): void => {
    missing = 0;
    clearTimeout(timer);
    if (ended !== undefined) end(ended.time);
    ended = undefined;
  };
  span.end = (time = currentTimeOf(span)): void => {
    if (missing === 0) {
      end(time);
      return;
    }
    ended ??= { time };
    timer ??= setTimeout(release, MAX_WAIT_MS).unref();
  };
  return {
    addLink(link) {
      if (missing === 0) return;
      span.addLink(link);
      missing -= 1;
      if (missing === 0) release();
    },
    release,
  };
}
