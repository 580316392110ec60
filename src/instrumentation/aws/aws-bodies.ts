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
      if (!body.complete) {
        span.setAttribute('http.response.incomplete', true);
        recordCut(span, body);
      }
      span.end();
    }),
  );
  return true;
}

function isArriving(body: unknown): body is IncomingMessage {
  const { complete, destroyed } = (body ?? {}) as Partial<IncomingMessage>;
  return complete === false && destroyed === false;
}
