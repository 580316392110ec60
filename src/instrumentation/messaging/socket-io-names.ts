import { type Span, SpanKind } from '@opentelemetry/api';
import { withoutIds } from './subject-template.ts';

/** A span of upstream's instrumentation, which names it after the namespace alone. */
interface EventSpan extends Span {
  readonly kind?: SpanKind;
  readonly attributes?: Readonly<Record<string, unknown>>;
}

/**
 * Names the segment or subsegment of an event of Socket.IO after the event: `socket.io order`, with the namespace unless it is that
 * of all: `socket.io /admin order`.
 */
export function nameEvent(span: EventSpan): void {
  const { 'messaging.destination': namespace, 'messaging.socket.io.event_name': event } =
    span.attributes ?? {};
  if (event === undefined) return;
  const path = typeof namespace === 'string' && namespace !== '/' ? namespace : '';
  const name = ['socket.io', withoutIds(path, '/'), String(event)].filter(Boolean).join(' ');
  span.updateName(name);
  const isSent = span.kind === SpanKind.PRODUCER;
  span.setAttribute(isSent ? 'aws.remote.service' : 'aws.local.service', name);
}
