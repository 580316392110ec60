import type { Endpoint } from '../../daemon-address.ts';
import type { NetworkFacts } from '../facts.ts';
import { type Finding, fail } from '../finding.ts';

/** Whether the daemon does not matter, because documents go to X-Ray itself. */
export function isReplacedByApi({ api, elsewhere }: NetworkFacts): boolean {
  if (api === undefined) return false;
  return api.mode === 'api' || (api.outcome === 'answered' && elsewhere.length === 0);
}

/** The host name of the daemon leads nowhere. */
export function unknownHost({ host }: Endpoint, from: string): Finding {
  return fail(
    'host-unknown',
    `the name ${host} (${from}) does not resolve`,
    'Correct AWS_XRAY_DAEMON_ADDRESS; in ECS the sidecar is 127.0.0.1 (awsvpc) or a link alias, in Docker Compose the name of the service.',
  );
}

/** Nobody is where the daemon was looked for; when one answers elsewhere, that is the better news. */
export function elsewhereOr(
  elsewhere: readonly string[],
  finding: Finding,
  problem: string,
): Finding {
  const [first] = elsewhere;
  if (first === undefined) return finding;
  return fail(
    'daemon-elsewhere',
    `${problem}, but a daemon answers at ${elsewhere.join(' and ')}`,
    `Set AWS_XRAY_DAEMON_ADDRESS=${first}`,
  );
}
