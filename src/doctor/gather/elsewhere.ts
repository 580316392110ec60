import { readFileSync } from 'node:fs';
import { DEFAULT_DAEMON, type Endpoint, endpointText } from '../../daemon-address.ts';
import { tryTcp } from './tcp.ts';

/** Common daemon addresses: the default, a Compose service, and the Kubernetes example of AWS. */
const USUAL: readonly Endpoint[] = [
  DEFAULT_DAEMON.tcp,
  { ...DEFAULT_DAEMON.tcp, host: 'xray-daemon' },
  { ...DEFAULT_DAEMON.tcp, host: 'xray-service.default' },
  { ...DEFAULT_DAEMON.tcp, host: 'host.docker.internal' },
];
const TIMEOUT_MS = 700;
/** Largest number of local ports to try. */
const MAX_PORTS = 16;

/**
 * Returns other addresses at which a daemon may run: the common ones, and the ports of this machine
 * that are open for both UDP and TCP, as those of a daemon are.
 */
export function likelyDaemons(): readonly Endpoint[] {
  const ports = [...doublePorts()].slice(0, MAX_PORTS);
  return [...USUAL, ...ports.map((port) => ({ ...DEFAULT_DAEMON.tcp, port }))];
}

/**
 * Requests the sampling rules from each address.
 *
 * @param expected the address that was already tried
 * @returns the addresses at which a daemon responds
 */
export async function daemonsAmong(
  endpoints: readonly Endpoint[],
  expected: Endpoint,
  now: () => number,
): Promise<readonly string[]> {
  const candidates = endpoints
    .map((endpoint) => ({ endpoint, text: endpointText(endpoint) }))
    .filter(({ text }, at, all) => all.findIndex((other) => other.text === text) === at)
    .filter(({ text }) => text !== endpointText(expected));
  const answers = await Promise.all(
    candidates.map(async ({ endpoint, text }) => {
      const { answer } = await tryTcp(endpoint, TIMEOUT_MS, now);
      return answer !== undefined && isDaemon(answer.status, answer.body) ? text : undefined;
    }),
  );
  return answers.filter((text) => text !== undefined);
}

/** A daemon responds with sampling rules or with an AWS error in JSON. */
function isDaemon(status: number, body: unknown): boolean {
  if (typeof body !== 'object' || body === null) return false;
  return (
    'SamplingRuleRecords' in body || (status === 403 && ('message' in body || 'Message' in body))
  );
}

/**
 * Returns the local ports open for both UDP and TCP, from `/proc/net`. Empty on systems without it.
 */
function doublePorts(): ReadonlySet<number> {
  const tcp = new Set([...portsIn('/proc/net/tcp', '0A'), ...portsIn('/proc/net/tcp6', '0A')]);
  const udp = [...portsIn('/proc/net/udp', '07'), ...portsIn('/proc/net/udp6', '07')];
  return new Set(udp.filter((port) => tcp.has(port)));
}

/** Returns the local ports of all sockets in a state (`0A`: listening, `07`: open UDP socket). */
function portsIn(file: string, state: string): number[] {
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => fields[3] === state)
      .map((fields) => Number.parseInt(fields[1]?.split(':')[1] ?? '', 16))
      .filter((port) => port > 0);
  } catch {
    return [];
  }
}
