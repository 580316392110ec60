import { PYTHON } from './python.ts';
import { start } from './run.ts';

/** Moto, which stands in for AWS, on a free loopback port. */
export interface Moto extends AsyncDisposable {
  readonly url: string;
}

const PROGRAM = `
import logging, sys, threading
from moto.server import ThreadedMotoServer
logging.disable(logging.CRITICAL)
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
host, port = server.get_host_and_port()
print(f"http://{host}:{port}", flush=True)
threading.Event().wait()
`;

/** Starts moto; needs the Python environment of `scripts/ci-setup.sh` (see `hasPython`). */
export async function startMoto(): Promise<Moto> {
  const server = start(['-c', PROGRAM], { program: PYTHON });
  const [url] = await server.line(/^http:.*$/);
  return {
    url,
    async [Symbol.asyncDispose]() {
      await server.stop('SIGKILL');
    },
  };
}
