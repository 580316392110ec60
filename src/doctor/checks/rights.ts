import { endpointText } from '../../daemon-address.ts';
import type { Answer } from '../facts.ts';
import { type Check, type Finding, fail, info, ok, warn } from '../finding.ts';

/** AWS errors caused by the credentials with which the daemon signs its requests. */
const BAD_CREDENTIALS =
  /UnrecognizedClient|InvalidClientTokenId|InvalidSignature|SignatureDoesNotMatch|ExpiredToken|MissingAuthenticationToken|IncompleteSignature|security token|credential/i;

/** Checks whether the daemon can reach X-Ray and has the required permissions. */
export const rights: Check = {
  name: 'rights',
  find: ({ network }) => {
    const { answer, endpoint } = network.tcp;
    if (answer === undefined) return info('not checked: the daemon was not reached');
    const { status, body } = answer;
    if (status === 200 && hasRules(body))
      return ok('the daemon is allowed to read the sampling rules');
    if (status === 403 || status === 401) return refused(answer);
    if (status >= 500) {
      return warn(
        'rules-not-read',
        `the daemon responded with status ${status}: ${textOf(answer)}`,
        'Check the log of the daemon: it could not reach X-Ray.',
      );
    }
    return fail(
      'not-a-daemon',
      `the service on tcp ${endpointText(endpoint)} is not an X-Ray daemon: it responded with status ${status}`,
      'Set AWS_XRAY_DAEMON_ADDRESS to the address of the daemon.',
    );
  },
};

function refused(answer: Answer): Finding {
  const text = textOf(answer);
  if (BAD_CREDENTIALS.test(text)) {
    return fail(
      'no-credentials',
      `X-Ray rejected the credentials of the daemon: ${text}`,
      'Give the daemon a role or valid access keys.',
    );
  }
  return fail(
    'no-rights',
    `the daemon lacks permissions: ${text}`,
    'Attach AWSXRayDaemonWriteAccess to the role of the daemon: xray:PutTraceSegments, xray:PutTelemetryRecords, xray:GetSamplingRules, xray:GetSamplingTargets, xray:GetSamplingStatisticSummaries.',
  );
}

function hasRules(body: unknown): boolean {
  return Array.isArray((body as { SamplingRuleRecords?: unknown } | null)?.SamplingRuleRecords);
}

/** Returns the status, type and message of an AWS error, from the header or the body. */
function textOf({ body, errorType, status }: Answer): string {
  const fields = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  const type = errorType ?? fields['__type'] ?? fields['code'];
  const message = fields['message'] ?? fields['Message'] ?? (typeof body === 'string' ? body : '');
  return [status, type, message].filter(Boolean).join(' ').trim().slice(0, 300);
}
