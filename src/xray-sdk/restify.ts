import type { IncomingMessage, ServerResponse } from 'node:http';
import { closeSegment, openSegment } from './express.ts';

/** The part of a Restify server that `enable` uses. */
interface RestifyServer {
  use(handler: (...args: never[]) => unknown): unknown;
  on(event: string, listener: (...args: never[]) => void): unknown;
}

/** Names the segments of a Restify server, and records its errors. */
export function enable(server: RestifyServer, defaultName: string): void {
  const open = openSegment(defaultName);
  const close = closeSegment();
  server.use((request: IncomingMessage, response: ServerResponse, next: () => void) =>
    open(request, response, next),
  );
  server.on(
    'uncaughtException',
    (request: IncomingMessage, response: ServerResponse, _route: unknown, error: unknown) =>
      close(error, request, response, () => {}),
  );
}
