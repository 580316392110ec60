import type { AttributeValue, Context, Span } from '@opentelemetry/api';
import { textOf } from './attempt.ts';
import { warnOnce } from './diagnostics.ts';

/** A started span, with the properties that SDK 2.x and 3.x expose. */
export interface StartedSpan extends Span {
  readonly kind: number;
  readonly attributes: Readonly<Record<string, AttributeValue | undefined>>;
  readonly instrumentationScope?: { readonly name: string };
}

/** A `SpanProcessor` of SDK 2.x and 3.x, without an import of the SDK. */
export interface StartProcessor {
  onStart(span: Span, parentContext: Context): void;
  onEnd(): void;
  forceFlush(): Promise<void>;
  shutdown(): Promise<void>;
}

/** Returns a processor that runs `work` for each span at its start. Never throws. */
export function onStart(work: (span: StartedSpan, parentContext: Context) => void): StartProcessor {
  return startProcessor((span, parentContext) => {
    // Not `attempt`, which needs a closure for each span.
    try {
      work(span as StartedSpan, parentContext);
    } catch (error) {
      warnOnce(`a span processor failed: ${textOf(error)}`, 'attempt a span processor');
    }
  });
}

/** Returns one processor for several, so that the SDK does not call each of them for each ended span. */
export function inOrder(processors: readonly StartProcessor[]): StartProcessor {
  return startProcessor((span, parentContext) => {
    for (let index = 0; index < processors.length; index += 1) {
      processors[index]?.onStart(span, parentContext);
    }
  });
}

function startProcessor(start: StartProcessor['onStart']): StartProcessor {
  const done = (): Promise<void> => Promise.resolve();
  return { onStart: start, onEnd: () => {}, forceFlush: done, shutdown: done };
}
