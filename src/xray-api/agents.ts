import type { AgentOptions, Agent as HttpAgent } from 'node:http';
import type { Agent as HttpsAgent } from 'node:https';
import type { Socket } from 'node:net';

const KEEP_ALIVE: AgentOptions = { keepAlive: true, maxSockets: 8 };

/**
 * Returns agents whose connections do not keep the process alive. The modules come straight from
 * Node, so that they do not make the HTTP instrumentation load.
 */
export function unreferencedAgents(): {
  readonly httpAgent: HttpAgent;
  readonly httpsAgent: HttpsAgent;
} {
  const http = process.getBuiltinModule('node:http');
  const https = process.getBuiltinModule('node:https');
  return {
    httpAgent: unreferenced(new http.Agent(KEEP_ALIVE)),
    httpsAgent: unreferenced(new https.Agent(KEEP_ALIVE)),
  };
}

interface Connecting {
  createConnection(options: object, callback?: (...args: never) => void): Socket | undefined;
  reuseSocket(socket: Socket, request: object): void;
}

/** An agent refers to a socket again whenever it reuses it. */
function unreferenced<T extends HttpAgent>(agent: T): T {
  const connecting = agent as unknown as Connecting;
  const { createConnection, reuseSocket } = connecting;
  connecting.createConnection = (options, callback) =>
    createConnection.call(agent, options, callback)?.unref();
  connecting.reuseSocket = (socket, request) => {
    reuseSocket.call(agent, socket, request);
    socket.unref();
  };
  return agent;
}
