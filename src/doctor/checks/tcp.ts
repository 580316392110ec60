import { endpointText } from '../../daemon-address.ts';
import { type Check, type Finding, fail, info, ok } from '../finding.ts';
import { elsewhereOr, isReplacedByApi, unknownHost } from './daemon.ts';

/** Whether the daemon can be asked for sampling rules. */
export const tcp: Check = {
  name: 'tcp',
  find: ({ network, config }) => {
    const { endpoint, outcome, error } = network.tcp;
    const address = endpointText(endpoint);
    if (isReplacedByApi(network))
      return info(`tcp ${address} is not used: rules come from X-Ray itself`);
    switch (outcome) {
      case 'answered':
        return ok(`tcp ${address} answers`);
      case 'host-unknown':
        return network.udp.outcome === 'host-unknown'
          ? info('not looked at: the name does not resolve')
          : unknownHost(endpoint, config.daemonFrom);
      case 'refused':
        if (network.udp.outcome === 'refused')
          return info(`nobody listens on tcp ${address} either`);
        return elsewhereOr(
          network.elsewhere,
          network.udp.outcome === 'silent' ? notMapped(address) : nobody(address),
          `nobody listens on tcp ${address} (${config.daemonFrom})`,
        );
      case 'timeout':
      case 'failed':
        return fail(
          'not-reachable',
          `tcp ${address} does not answer${error === undefined ? ' in time' : `: ${error}`}`,
          'Look at routes, security groups and network policies between here and the daemon.',
        );
    }
  },
};

function notMapped(address: string): Finding {
  return fail(
    'tcp-not-mapped',
    `udp is open, but tcp ${address} is refused: the sampling rules of X-Ray cannot be read`,
    'Publish the port for both protocols (docker run -p 2000:2000/udp -p 2000:2000/tcp; the same in task definitions, services and firewalls).',
  );
}

function nobody(address: string): Finding {
  return fail(
    'no-daemon',
    `nobody listens on tcp ${address}: the sampling rules of X-Ray cannot be read`,
    'Start the X-Ray daemon or the CloudWatch agent there, or set AWS_XRAY_DAEMON_ADDRESS to where it runs.',
  );
}
