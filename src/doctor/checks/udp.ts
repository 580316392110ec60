import { endpointText } from '../../daemon-address.ts';
import { type Check, fail, info, ok } from '../finding.ts';
import { elsewhereOr, isReplacedByApi, unknownHost } from './daemon.ts';

/** Whether anybody takes segments. */
export const udp: Check = {
  name: 'udp',
  find: ({ network, config }) => {
    const { endpoint, outcome, error, traceId } = network.udp;
    const address = endpointText(endpoint);
    if (isReplacedByApi(network))
      return info(`udp ${address} is not used: documents go to X-Ray itself`);
    switch (outcome) {
      case 'silent':
        return ok(
          `a test segment left for ${address} and was not refused; look for trace ${traceId}`,
        );
      case 'not-tried':
        return info(`no segment was sent to ${address}`);
      case 'host-unknown':
        return unknownHost(endpoint, config.daemonFrom);
      case 'refused':
        return elsewhereOr(
          network.elsewhere,
          fail(
            'no-daemon',
            `nobody listens on udp ${address}: segments are lost`,
            'Start the X-Ray daemon or the CloudWatch agent there, or set AWS_XRAY_DAEMON_ADDRESS to where it runs.',
          ),
          `nobody listens on udp ${address} (${config.daemonFrom})`,
        );
      case 'failed':
        return fail(
          'not-reachable',
          `udp ${address} cannot be reached: ${error}`,
          'Look at routes, security groups and network policies between here and the daemon.',
        );
    }
  },
};
