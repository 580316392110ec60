import { ApiLoop, type ApiLoopOptions } from './api-loop.ts';
import type { Transport } from './transport.ts';

/** Creates the transport to the API. */
export function apiTransport(options: ApiLoopOptions): Transport {
  return new ApiLoop(options);
}
