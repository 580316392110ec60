import { endpointText } from '../../daemon-address.ts';
import { type Check, type Finding, fail, info, ok } from '../finding.ts';
import { elsewhereOr, isReplacedByApi, unknownHost } from './daemon.ts';

/** Checks whether the sampling rules can be requested from the daemon over TCP. */
export const tcp: Check = {
  name: 'tcp',
  find: ({ network, config }) => {
    const { endpoint, outcome, error } = network.tcp;
    const address = endpointText(endpoint);
    if (isReplacedByApi(network))
      return info(`tcp ${address} is not used: sampling rules are read directly from X-Ray`);
    switch (outcome) {
      case 'answered':
        return ok(`tcp ${address} responds`);
      case 'host-unknown':
        return network.udp.outcome === 'host-unknown'
          ? info('not checked: the host name does not resolve')
          : unknownHost(endpoint, config.daemonFrom);
      case 'refused':
        if (network.udp.outcome === 'refused')
          return info(`no process listens on tcp ${address} either`);
        return elsewhereOr(
          network.elsewhere,
          network.udp.outcome === 'silent' ? notMapped(address) : notListening(address),
          `no process listens on tcp ${address} (${config.daemonFrom})`,
        );
      case 'timeout':
      case 'failed':
        return fail(
          'not-reachable',
          `tcp ${address} does not respond${error === undefined ? ' in time' : `: ${error}`}`,
          'Check the routes, security groups and network policies between this machine and the daemon.',
        );
    }
  },
};

function notMapped(address: string): Finding {
  return fail(
    'tcp-not-mapped',
    `udp is open, but tcp ${address} refuses connections: the X-Ray sampling rules cannot be read`,
    'Publish the port for both protocols (docker run -p 2000:2000/udp -p 2000:2000/tcp; do the same in task definitions, services and firewalls).',
  );
}

function notListening(address: string): Finding {
  return fail(
    'no-daemon',
    `no process listens on tcp ${address}: the X-Ray sampling rules cannot be read`,
    'Start the X-Ray daemon or the CloudWatch agent there, or set AWS_XRAY_DAEMON_ADDRESS to its address.',
  );
}
