import { onStart, type StartProcessor } from '../api/start-processor.ts';
import { carriedIn } from './header-context.ts';

/**
 * Links a request's span to the parent that lost, where two headers named parents in different
 * traces: the last propagator wins, and the other trace would not be found again.
 *
 * @see spec/propagation.md section 6
 */
export const linkOtherParent: StartProcessor = onStart((span, parentContext) => {
  const lost = carriedIn(parentContext)?.otherParent;
  const { parentSpanContext } = span as { parentSpanContext?: { isRemote?: boolean } };
  if (lost !== undefined && parentSpanContext?.isRemote === true) span.addLink({ context: lost });
});
