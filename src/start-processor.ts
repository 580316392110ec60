import type { AttributeValue, Context, Span } from '@opentelemetry/api';
import { attempt } from './attempt.ts';

/** A span as it starts, with what SDK 2.x and 3.x show of it. */
export interface StartedSpan extends Span {
  readonly kind: number;
  readonly attributes: Readonly<Record<string, AttributeValue | undefined>>;
}

/** The shape of a `SpanProcessor` of SDK 2.x and 3.x, without the SDK. */
export interface StartProcessor {
  onStart(span: Span, parentContext: Context): void;
  onEnd(): void;
  forceFlush(): Promise<void>;
  shutdown(): Promise<void>;
}

/** A processor that does one thing to each span when it starts, and never throws. */
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
