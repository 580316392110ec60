import { onStart, type StartProcessor } from '../start-processor.ts';
import { headerContextOf } from './header-context.ts';

/**
 * A start processor for requests whose headers name parents in two different traces. The last
 * propagator determines the parent; this adds a span link to the other one.
 *
 * @see docs/spec/propagation.md section 6
 */
export const linkConflictingParent: StartProcessor = onStart((span, parentContext) => {
  const { parentSpanContext } = span as { parentSpanContext?: { isRemote?: boolean } };
  if (parentSpanContext?.isRemote !== true) return;
  const lost = headerContextOf(parentContext)?.conflictingParent;
  if (lost !== undefined) span.addLink({ context: lost });
});
