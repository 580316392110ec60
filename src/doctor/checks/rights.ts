import { endpointText } from '../../daemon-address.ts';
import type { Answer } from '../facts.ts';
import { type Check, type Finding, fail, info, ok, warn } from '../finding.ts';

/** The daemon signs with its own credentials: AWS's words when those are the fault. */
const BAD_CREDENTIALS =
  /UnrecognizedClient|InvalidClientTokenId|InvalidSignature|SignatureDoesNotMatch|ExpiredToken|MissingAuthenticationToken|IncompleteSignature|security token|credential/i;

/** Whether X-Ray answers the daemon, and lets it do its work. */
export const rights: Check = {
  name: 'rights',
  find: ({ network }) => {
    const { answer, endpoint } = network.tcp;
    if (answer === undefined) return info('not looked at: the daemon was not reached');
    const { status, body } = answer;
    if (status === 200 && hasRules(body)) return ok('the daemon may read the sampling rules');
    if (status === 403 || status === 401) return refused(answer);
    if (status >= 500) {
      return warn(
        'rules-not-read',
        `the daemon answers ${status}: ${textOf(answer)}`,
        'Look at the log of the daemon: it could not reach X-Ray.',
      );
    }
    return fail(
      'not-a-daemon',
      `what listens on tcp ${endpointText(endpoint)} is no X-Ray daemon: it answers ${status}`,
      'Set AWS_XRAY_DAEMON_ADDRESS to the address of the daemon.',
    );
  },
};

function refused(answer: Answer): Finding {
  const text = textOf(answer);
  if (BAD_CREDENTIALS.test(text)) {
    return fail(
      'no-credentials',
      `X-Ray does not accept the credentials of the daemon: ${text}`,
      'Give the daemon a role or keys that are valid now.',
    );
  }
  return fail(
    'no-rights',
    `the daemon lacks rights: ${text}`,
    'Attach AWSXRayDaemonWriteAccess to the role of the daemon: xray:PutTraceSegments, xray:PutTelemetryRecords, xray:GetSamplingRules, xray:GetSamplingTargets, xray:GetSamplingStatisticSummaries.',
  );
}

function hasRules(body: unknown): boolean {
  return Array.isArray((body as { SamplingRuleRecords?: unknown } | null)?.SamplingRuleRecords);
}

/** Type and message of AWS's error, whichever way it comes. */
function textOf({ body, errorType, status }: Answer): string {
  const fields = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  const type = errorType ?? fields['__type'] ?? fields['code'];
  const message = fields['message'] ?? fields['Message'] ?? (typeof body === 'string' ? body : '');
  return [status, type, message].filter(Boolean).join(' ').trim().slice(0, 300);
}
