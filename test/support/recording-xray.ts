import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { SegmentDocument } from '../../src/translator/document.ts';

/** A call that the server received. */
export interface RecordedCall {
  /** 0 for the first call. */
  readonly number: number;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** Parsed documents of PutTraceSegments. */
  readonly documents: readonly SegmentDocument[];
}

/** What the server answers; `reset` closes the connection without an answer. */
export type RecordedAnswer =
  | 'reset'
  | {
      readonly status?: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: object;
    };

export interface RecordingXRay extends AsyncDisposable {
  readonly url: string;
  readonly calls: readonly RecordedCall[];
  /** Ids of the documents in calls that were answered with 200, in order. */
  readonly accepted: readonly string[];
  close(): Promise<void>;
}

/** An X-Ray API that records calls and answers what a test says. */
export async function startRecordingXRay(
  answer: (call: RecordedCall) => RecordedAnswer = () => ({}),
): Promise<RecordingXRay> {
  const calls: RecordedCall[] = [];
  const accepted: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8');
      const { TraceSegmentDocuments: texts = [] } = JSON.parse(body || '{}');
      const call: RecordedCall = {
        number: calls.length,
        path: request.url ?? '',
        headers: request.headers,
        body,
        documents: texts.map((text: string) => JSON.parse(text)),
      };
      calls.push(call);
      const reply = answer(call);
      if (reply === 'reset') {
        request.socket.destroy();
        return;
      }
      const { status = 200, headers = {}, body: replyBody = {} } = reply;
      if (status === 200) accepted.push(...call.documents.map(({ id }) => id));
      response.writeHead(status, { 'content-type': 'application/json', ...headers });
      response.end(JSON.stringify(replyBody));
    });
  });
  // A slow client may use a connection again after more than the five seconds of the default.
  server.keepAliveTimeout = 0;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    accepted,
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** An error as X-Ray answers it. */
export function xrayError(
  status: number,
  name: string,
  headers: Readonly<Record<string, string>> = {},
): RecordedAnswer {
  return { status, headers: { 'x-amzn-errortype': name, ...headers }, body: { message: name } };
}
