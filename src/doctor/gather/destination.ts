import type { Endpoint } from '../../daemon-address.ts';
import { openXRayApi } from '../../xray-api/client.ts';
import type { DestinationFacts } from '../facts.ts';
import { tryTcp } from './tcp.ts';
import { withinLimit } from './within-limit.ts';

/** Time limit for both calls, in milliseconds. */
const LIMIT_MS = 3_000;

/** Calls an operation of X-Ray without input; resolves with `undefined` if that is not possible. */
type Ask = (operation: 'GetTraceSegmentDestination' | 'GetIndexingRules') => Promise<unknown>;

/**
 * Reads where the account stores spans: through the daemon, which signs every call, or else with the
 * AWS client of the application.
 *
 * Both calls need permissions that applications rarely have, so that a refusal is no problem.
 *
 * @param directory the directory from which the AWS client is resolved
 * @returns `undefined` if neither way is allowed or possible
 */
export async function readDestination(
  daemon: Endpoint | undefined,
  directory: string,
): Promise<DestinationFacts | undefined> {
  const found = daemon && (await destinationBy(throughDaemon(daemon)));
  return found ?? (await withApi(directory));
}

async function destinationBy(ask: Ask): Promise<DestinationFacts | undefined> {
  const answer = fields(await ask('GetTraceSegmentDestination'));
  const destination = answer['Destination'];
  if (destination !== 'XRay' && destination !== 'CloudWatchLogs') return undefined;
  return {
    destination,
    isPending: answer['Status'] === 'PENDING',
    indexedPercent:
      destination === 'XRay' ? undefined : indexedPercent(await ask('GetIndexingRules')),
  };
}

function throughDaemon(endpoint: Endpoint): Ask {
  return async (operation) => {
    const { answer } = await tryTcp(endpoint, LIMIT_MS, Date.now, `/${operation}`);
    return answer?.status === 200 ? answer.body : undefined;
  };
}

async function withApi(directory: string): Promise<DestinationFacts | undefined> {
  try {
    const api = openXRayApi({ directory });
    try {
      const calls = {
        GetTraceSegmentDestination: () => api.getTraceSegmentDestination(),
        GetIndexingRules: () => api.getIndexingRules(),
      };
      return await withinLimit(
        destinationBy((operation) => calls[operation]()),
        LIMIT_MS,
      );
    } finally {
      api.close();
    }
  } catch {
    // No package, no credentials, no permission, no answer.
    return undefined;
  }
}

function indexedPercent(answer: unknown): number | undefined {
  const rules = fields(answer)['IndexingRules'];
  const [rule] = Array.isArray(rules) ? rules : [];
  const probabilistic = fields(fields(fields(rule)['Rule'])['Probabilistic']);
  const percent = probabilistic['DesiredSamplingPercentage'];
  return typeof percent === 'number' ? percent : undefined;
}

function fields(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
