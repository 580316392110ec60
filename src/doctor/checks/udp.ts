import { endpointText } from '../../daemon-address.ts';
import { type Check, fail, info, ok } from '../finding.ts';
import { elsewhereOr, isReplacedByApi, unknownHost } from './daemon.ts';

/** Checks whether a process receives segments at the UDP address. */
export const udp: Check = {
  name: 'udp',
  find: ({ network, config }) => {
    const { endpoint, outcome, error, traceId } = network.udp;
    const address = endpointText(endpoint);
    if (isReplacedByApi(network))
      return info(`udp ${address} is not used: documents are sent directly to X-Ray`);
    switch (outcome) {
      case 'silent':
        return ok(
          `a test segment was sent to ${address} and was not rejected; search for trace ${traceId}`,
        );
      case 'not-tried':
        return info(`no test segment was sent to ${address}`);
      case 'host-unknown':
        return unknownHost(endpoint, config.daemonFrom);
      case 'refused':
        return elsewhereOr(
          network.elsewhere,
          fail(
            'no-daemon',
            `no process listens on udp ${address}: segments are lost`,
            'Start the X-Ray daemon or the CloudWatch agent there, or set AWS_XRAY_DAEMON_ADDRESS to its address.',
          ),
          `no process listens on udp ${address} (${config.daemonFrom})`,
        );
      case 'failed':
        return fail(
          'not-reachable',
          `udp ${address} cannot be reached: ${error}`,
          'Check the routes, security groups and network policies between this machine and the daemon.',
        );
    }
  },
};
