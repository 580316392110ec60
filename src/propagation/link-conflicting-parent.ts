import { onStart, type StartProcessor } from '../api/start-processor.ts';
import { headerContextOf } from './header-context.ts';

/**
 * Links a request's span to the parent that lost, where two headers named parents in different
 * traces: the last propagator wins, and the other trace would not be found again.
 *
 * @see docs/spec/propagation.md section 6
 */
export const linkConflictingParent: StartProcessor = onStart((span, parentContext) => {
  const lost = headerContextOf(parentContext)?.conflictingParent;
  const { parentSpanContext } = span as { parentSpanContext?: { isRemote?: boolean } };
  if (lost !== undefined && parentSpanContext?.isRemote === true) span.addLink({ context: lost });
});
