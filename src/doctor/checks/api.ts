import { type Check, fail, info, ok } from '../finding.ts';

/** Checks whether the X-Ray API responds, if documents are sent there instead of to the daemon. */
export const api: Check = {
  name: 'api',
  find: ({ network }) => {
    if (network.api === undefined) return [];
    const { mode, outcome, text } = network.api;
    if (outcome === 'answered') return ok(`the X-Ray API responds, ${text}`);
    // With `auto`, the missing daemon is the problem to report.
    if (mode === 'auto') return info(`the X-Ray API cannot be used instead: ${text}`);
    switch (outcome) {
      case 'package-missing':
        return fail('package-missing', text, 'Install it, or set OTEL_XRAY_TRANSPORT=udp.');
      case 'denied':
        return fail(
          'no-rights',
          `X-Ray rejected the request: ${text}`,
          'Provide AWS credentials that allow xray:PutTraceSegments, xray:GetSamplingRules and xray:GetSamplingTargets.',
        );
      case 'failed':
        return fail(
          'not-reachable',
          `the X-Ray API cannot be reached: ${text}`,
          'Check AWS_REGION, AWS_ENDPOINT_URL_XRAY, and the routes and firewalls between this machine and X-Ray.',
        );
    }
  },
};
