import { type Check, fail, info, ok } from '../finding.ts';

/** Whether X-Ray itself answers, where documents go there instead of to the daemon. */
export const api: Check = {
  name: 'api',
  find: ({ network }) => {
    if (network.api === undefined) return [];
    const { mode, outcome, text } = network.api;
    if (outcome === 'answered') return ok(`X-Ray itself answers, ${text}`);
    // With `auto`, the missing daemon is the fault.
    if (mode === 'auto') return info(`X-Ray itself cannot be used instead: ${text}`);
    switch (outcome) {
      case 'package-missing':
        return fail('package-missing', text, 'Install it, or set OTEL_XRAY_TRANSPORT=udp.');
      case 'denied':
        return fail(
          'no-rights',
          `X-Ray does not accept the call: ${text}`,
          'Provide AWS credentials that allow xray:PutTraceSegments, xray:GetSamplingRules and xray:GetSamplingTargets.',
        );
      case 'failed':
        return fail(
          'not-reachable',
          `X-Ray itself cannot be called: ${text}`,
          'Check AWS_REGION, AWS_ENDPOINT_URL_XRAY, and the routes and firewalls between here and X-Ray.',
        );
    }
  },
};
