/** Parts of a path that differ from request to request: numbers, ids, hashes, dates. */
const VARIABLE = /^(?:\d[\d.,_-]*|[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{12,}|(?=.*\d)[\w-]{20,})$/i;

/**
 * Returns the route of a URL: its path with `*` for parts that look like ids, without query.
 *
 * @returns the conditions that filter by it; X-Ray has no wildcards, so they name the beginning and
 *   the end of the URL
 */
export function requestRoute(url: string): {
  readonly route: string;
  readonly conditions: readonly string[];
} {
  const parts = /^([a-z][a-z0-9+.-]*:\/\/[^/?#]*)?([^?#]*)/i.exec(url);
  const origin = parts?.[1] ?? '';
  const path = parts?.[2] || '/';
  const words = path.split('/').map((part) => (VARIABLE.test(part) ? '*' : part));
  const route = words.join('/');
  const first = words.indexOf('*');
  if (first === -1) {
    const isWhole = `${origin}${path}` === url;
    const start = literal(`${origin}${path}`);
    return {
      route,
      conditions: [isWhole ? `http.url = ${start}` : `http.url BEGINSWITH ${start}`],
    };
  }
  const last = words.lastIndexOf('*');
  const head = `${origin}${words.slice(0, first).join('/')}/`;
  const tail = words.slice(last + 1).join('/');
  return {
    route,
    conditions: [
      `http.url BEGINSWITH ${literal(head)}`,
      ...(tail === '' ? [] : [`http.url CONTAINS ${literal(`/${tail}`)}`]),
    ],
  };
}

function literal(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}
