import type { IncomingMessage } from 'node:http';
import type { Span } from '@opentelemetry/api';
import { recordCut } from '../http/http-ends.ts';
import { answered, stallCheck } from '../spans/http-answers.ts';
import { attempt } from '../wrap/guard.ts';
import { allowListeners } from '../wrap/listener-limits.ts';

/**
 * Ends the span of an AWS call whose result has a body that is still arriving, such as the object of
 * a `GetObject`, when the body ends. A body that is cut makes the call a failure; a body that the app
 * closes or never reads does not.
 *
 * @param body of the HTTP response
 * @returns whether the span ends later
 */
export function endsWithBody(span: Span, body: unknown): boolean {
  if (!isArriving(body)) return false;
  const forget = answered(span, stallCheck(body.socket, body));
  allowListeners(body, 1);
  body.once('close', () =>
    attempt('aws-sdk', () => {
      forget();
      if (!span.isRecording()) return;
      recordIncomplete(span, body);
      span.end();
    }),
  );
  return true;
}

/**
 * Ends a span while its body waits unread, until the body closes.
 *
 * @returns stops this; to be called when the span has ended
 */
export function endIfUnread(span: Span, body: unknown): () => void {
  if (!isArriving(body)) return () => {};
  const forget = answered(span, stallCheck(body.socket, body));
  allowListeners(body, 1);
  body.once('close', forget);
  return forget;
}

/** Records a body that has not arrived completely; returns whether it has not. */
export function recordIncomplete(span: Span, body: unknown): boolean {
  if ((body as Partial<IncomingMessage> | undefined)?.complete !== false) return false;
  span.setAttribute('http.response.incomplete', true);
  recordCut(span, body as IncomingMessage);
  return true;
}

function isArriving(body: unknown): body is IncomingMessage {
  const { complete, destroyed } = (body ?? {}) as Partial<IncomingMessage>;
  return complete === false && destroyed === false;
}
