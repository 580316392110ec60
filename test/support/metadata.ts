import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { ResourceDeps } from '../../src/resource/detector.ts';
import { fetchText } from '../../src/resource/fetch-text.ts';
import { type DetectedResource, detectResource } from '../../src/resource/index.ts';

/** Longer than a test, so that the speed of the machine does not matter. */
const NO_LIMIT_MS = 600_000;

/** Responses of a fake metadata service: `METHOD /path` → body, status, or `hang`. */
export type Routes = Readonly<Record<string, string | number | 'hang'>>;

export interface MetadataDouble extends AsyncDisposable {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** Received requests as `METHOD /path`, with headers. */
  readonly requests: {
    readonly line: string;
    readonly headers: Readonly<Record<string, unknown>>;
  }[];
}

/** Starts a metadata service on a free loopback port. Other paths return 404. */
export async function startMetadata(
  routes: Routes,
  required: Readonly<Record<string, string>> = {},
): Promise<MetadataDouble> {
  const requests: MetadataDouble['requests'] = [];
  const sockets = new Set<Socket>();
  const server: Server = createServer((request, response) => {
    const line = `${request.method} ${request.url}`;
    requests.push({ line, headers: request.headers });
    const route = routes[line] ?? 404;
    const refused =
      request.method === 'GET' &&
      Object.entries(required).some(([name, value]) => request.headers[name] !== value);
    if (refused) response.writeHead(401).end();
    else if (route === 'hang') return;
    else if (typeof route === 'number') response.writeHead(route).end('no');
    else response.writeHead(200).end(route);
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export interface World {
  readonly env?: Readonly<Record<string, string>>;
  /** Path → text. */
  readonly files?: Readonly<Record<string, string>>;
  readonly platform?: string;
  /** Time limit of one request. */
  readonly requestLimitMs?: number;
}

export interface DepsDouble extends ResourceDeps {
  readonly warnings: string[];
  readonly informed: string[];
}

/** Returns the `deps` of a detector: environment, files, a fixed machine, and real HTTP. */
export function resourceDeps({
  env = {},
  files = {},
  platform = 'linux',
  requestLimitMs = NO_LIMIT_MS,
}: World = {}): DepsDouble {
  const warnings: string[] = [];
  const informed: string[] = [];
  return {
    env,
    system: {
      hostname: 'host-1',
      arch: 'x64',
      platform,
      release: '6.1.0',
      pid: 42,
      execPath: '/usr/bin/node',
      script: '/app/server.js',
      nodeVersion: '24.21.0',
    },
    readNow: (path) => files[path],
    read: async (path) => files[path],
    fetch: (request) => fetchText(request, requestLimitMs),
    uuid: () => '00000000-0000-4000-8000-000000000001',
    warn: (message) => warnings.push(message),
    info: (message) => informed.push(message),
    warnings,
    informed,
  };
}

/** Detects without a time limit for all detectors together. */
export function detectWithoutLimit(names: readonly string[], deps: ResourceDeps): DetectedResource {
  return detectResource(names, deps, NO_LIMIT_MS);
}
