import type { Context, Span } from '@opentelemetry/api';
import { carriedIn } from './carried.ts';

/** The part of a span processor that does something. */
interface StartProcessor {
  onStart(span: Span, parentContext: Context): void;
  onEnd(): void;
  forceFlush(): Promise<void>;
  shutdown(): Promise<void>;
}

/**
 * Links a request's span to the parent that lost, where two headers named parents in different
 * traces: the last propagator wins, and the other trace would not be found again.
 *
 * @see spec/propagation.md section 6
 */
export const linkOtherParent: StartProcessor = {
  onStart(span, parentContext) {
    const lost = carriedIn(parentContext)?.otherParent;
    const isLocalRoot =
      (span as { parentSpanContext?: { isRemote?: boolean } }).parentSpanContext?.isRemote === true;
    if (lost !== undefined && isLocalRoot) span.addLink({ context: lost });
  },
  onEnd() {},
  forceFlush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
};
