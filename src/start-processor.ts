import type { AttributeValue, Context, Span } from '@opentelemetry/api';
import { attempt } from './attempt.ts';

/** A started span, with the properties that SDK 2.x and 3.x expose. */
export interface StartedSpan extends Span {
  readonly kind: number;
  readonly attributes: Readonly<Record<string, AttributeValue | undefined>>;
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
  const done = (): Promise<void> => Promise.resolve();
  return {
    onStart: (span, parentContext) =>
      attempt('a span processor', () => work(span as StartedSpan, parentContext)),
    onEnd: () => {},
    forceFlush: done,
    shutdown: done,
  };
}
