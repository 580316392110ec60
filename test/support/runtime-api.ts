import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** An invocation for the function. */
export interface Invoke {
  readonly event?: unknown;
  /** Value of `Lambda-Runtime-Trace-Id`. */
  readonly trace?: string;
  readonly requestId?: string;
  /** Milliseconds until the time-out of the function. Default 30,000. */
  readonly timeoutMs?: number;
}

/** Response of the function. */
export interface Answer {
  readonly kind: 'response' | 'error' | 'init-error';
  readonly body: string;
}

/** Lambda's Runtime API, version 2018-06-01, on a free loopback port. */
export interface RuntimeApi extends AsyncDisposable {
  /** Value for `AWS_LAMBDA_RUNTIME_API`. */
  readonly address: string;
  /** Passes an invocation to the function; resolves when its response is complete. */
  invoke(invoke: Invoke): Promise<Answer>;
  /** Resolves when the function reports an initialization error. */
  readonly initError: Promise<Answer>;
  /** Called when a response is complete, before it is acknowledged. */
  onAnswer: () => void;
}

const PREFIX = '/2018-06-01/runtime/';

export async function startRuntimeApi(): Promise<RuntimeApi> {
  const queue: (Invoke & { readonly id: string })[] = [];
  const waiting: ServerResponse[] = [];
  const answers = new Map<string, (answer: Answer) => void>();
  const sockets = new Set<Socket>();
  let count = 0;
  let failInit: (answer: Answer) => void = () => {};
  const initError = new Promise<Answer>((resolve) => {
    failInit = resolve;
  });

  const handOut = (): void => {
    while (queue.length > 0 && waiting.length > 0) {
      const {
        id,
        event = {},
        trace,
        timeoutMs = 30_000,
      } = queue.shift() as Invoke & {
        id: string;
      };
      waiting
        .shift()
        ?.writeHead(200, {
          'content-type': 'application/json',
          'lambda-runtime-aws-request-id': id,
          'lambda-runtime-deadline-ms': `${Date.now() + timeoutMs}`,
          'lambda-runtime-invoked-function-arn':
            'arn:aws:lambda:eu-west-1:123456789012:function:checkout',
          ...(trace === undefined ? {} : { 'lambda-runtime-trace-id': trace }),
        })
        .end(JSON.stringify(event));
    }
  };

  const server = createServer((request, response) => {
    const path = (request.url ?? '').slice(PREFIX.length);
    if (path === 'invocation/next') {
      waiting.push(response);
      handOut();
      return;
    }
    bodyOf(request).then((body) => {
      const [, id = '', kind] = path.split('/');
      if (path === 'init/error') failInit({ kind: 'init-error', body });
      else {
        api.onAnswer();
        answers.get(id)?.({ kind: kind === 'error' ? 'error' : 'response', body });
        answers.delete(id);
      }
      response.writeHead(202).end('{"status":"OK"}');
    });
  });
  // A slow client may use a connection again after more than the five seconds of the default.
  server.keepAliveTimeout = 0;
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  const api: RuntimeApi = {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    initError,
    onAnswer: () => {},
    invoke(invoke) {
      count += 1;
      const id = invoke.requestId ?? `request-${count}`;
      return new Promise((resolve) => {
        answers.set(id, resolve);
        queue.push({ ...invoke, id });
        handOut();
      });
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return api;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  request.setEncoding('utf8');
  for await (const chunk of request) text += chunk;
  return text;
}
