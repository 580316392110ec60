import { openXRayApi } from '../../xray-api/client.ts';
import { apiFailure } from '../../xray-api/errors.ts';
import type { ApiFacts } from '../facts.ts';
import { withinLimit } from './within-limit.ts';

/** Time limit for the response, in milliseconds. */
const LIMIT_MS = 10_000;

/**
 * Reads the sampling rules directly from X-Ray, as an application without a daemon does.
 *
 * @param directory the directory from which the AWS client is resolved
 */
export async function tryApi(mode: ApiFacts['mode'], directory: string): Promise<ApiFacts> {
  let where = '';
  try {
    const api = openXRayApi({ directory });
    try {
      where = await api.where();
      await withinLimit(api.getSamplingRules({}), LIMIT_MS);
      return { mode, outcome: 'answered', text: where };
    } finally {
      api.close();
    }
  } catch (error) {
    const { kind, text } = apiFailure(error);
    if (text.includes('is not installed')) return { mode, outcome: 'package-missing', text };
    const isDenied = kind === 'denied' || kind === 'credentials';
    return { mode, outcome: isDenied ? 'denied' : 'failed', text };
  }
}
