import { asText, type JsonObject } from '../../json.ts';
import { httpRequestText } from '../../trace/entity.ts';

/**
 * Returns the request of a segment as a `curl` command; `undefined` where it was no HTTP request.
 * Documents hold neither headers nor bodies, so only method, URL and user agent are repeated.
 */
export function curlCommand(record: JsonObject): string | undefined {
  const url = httpRequestText(record, 'url');
  if (url === undefined || !/^https?:\/\//i.test(url)) return undefined;
  const method = (httpRequestText(record, 'method') ?? 'GET').toUpperCase();
  const agent = asText(httpRequestText(record, 'user_agent'));
  return [
    'curl',
    method === 'GET' ? '' : method === 'HEAD' ? '--head' : `--request ${shellWord(method)}`,
    agent === undefined || agent.startsWith('curl/') ? '' : `--user-agent ${shellWord(agent)}`,
    shellWord(url),
  ]
    .filter(Boolean)
    .join(' ');
}

/** Quotes a text as one word of a POSIX shell, whatever is in it. */
function shellWord(text: string): string {
  return /^[\w.:/@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
