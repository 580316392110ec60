import type { Endpoint } from '../../daemon-address.ts';
import type { NetworkFacts } from '../facts.ts';
import { type Finding, fail } from '../finding.ts';

/** Returns whether the daemon is not needed because documents are sent directly to X-Ray. */
export function isReplacedByApi({ api, elsewhere }: NetworkFacts): boolean {
  if (api === undefined) return false;
  return api.mode === 'api' || (api.outcome === 'answered' && elsewhere.length === 0);
}

/** Returns the finding for a daemon host name that does not resolve. */
export function unknownHost({ host }: Endpoint, from: string): Finding {
  return fail(
    'host-unknown',
    `the host name ${host} (${from}) does not resolve`,
    'Correct AWS_XRAY_DAEMON_ADDRESS; in ECS, a sidecar is 127.0.0.1 (awsvpc) or a link alias; in Docker Compose, use the service name.',
  );
}

/** Reports the addresses at which a daemon responds. Returns `finding` if there are none. */
export function elsewhereOr(
  elsewhere: readonly string[],
  finding: Finding,
  problem: string,
): Finding {
  const [first] = elsewhere;
  if (first === undefined) return finding;
  return fail(
    'daemon-elsewhere',
    `${problem}, but a daemon responds at ${elsewhere.join(' and ')}`,
    `Set AWS_XRAY_DAEMON_ADDRESS=${first}`,
  );
}
