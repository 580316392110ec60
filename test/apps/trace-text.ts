import type { SegmentDocument } from '../../src/translator/document.ts';

/**
 * What a user sees of a trace: one indented line for each segment and subsegment.
 *
 * @param details more texts for a line
 */
export function traceText(
  documents: readonly SegmentDocument[],
  details: (document: SegmentDocument) => readonly (string | undefined)[] = () => [],
): string {
  const byId = new Map(documents.map((document) => [document.id, document]));
  // The clocks of threads differ a little; a job starts after the request that enqueued it.
  const startOf = ({ start_time: start, links = [] }: SegmentDocument): number =>
    Math.max(start, ...links.map(({ id }) => (byId.get(id)?.start_time ?? 0) + 1e-6));
  const lines = (parent: string | undefined, depth: number): readonly string[] =>
    [...byId.values()]
      .filter(({ parent_id: id }) => (parent === undefined ? !byId.has(id ?? '') : id === parent))
      .sort((a, b) => startOf(a) - startOf(b))
      .flatMap((document) => [
        '  '.repeat(depth) + lineOf(document, details(document)),
        ...lines(document.id, depth + 1),
      ]);
  return lines(undefined, 0).join('\n');
}

function lineOf(document: SegmentDocument, details: readonly (string | undefined)[]): string {
  const {
    name,
    namespace,
    http,
    aws,
    error,
    fault,
    throttle,
    annotations = {},
    links,
    type,
  } = document;
  const method = http?.request?.method;
  const url = http?.request?.url?.replace(/^https?:\/\/[^/]*/, '');
  const exceptions = typeof document.cause === 'object' ? (document.cause?.exceptions ?? []) : [];
  return [
    type === undefined ? `${name} (segment)` : name,
    namespace,
    aws?.operation,
    [method, url, http?.response?.status].filter(Boolean).join(' '),
    ...Object.entries(annotations).map(([key, value]) => `${key}=${value}`),
    routeOf(document),
    fault && 'fault',
    error && 'error',
    throttle && 'throttle',
    links !== undefined && `${links.length} link`,
    ...details,
    ...exceptions.map(
      ({ type: kind, message }) =>
        `! ${[kind, message?.replaceAll(/\s+/g, ' ')].filter((part) => part !== undefined).join(': ')}`,
    ),
  ]
    .filter(Boolean)
    .join('  ');
}

function routeOf({ metadata }: SegmentDocument): string | undefined {
  const route = metadata?.['default']?.['http.route'];
  return route === undefined ? undefined : `route ${String(route)}`;
}

/**
 * Returns a trace with the calls that have this text before what is beside them: they run at the same
 * time, so that either may start first.
 */
export function callsFirst(trace: string, call: string): string {
  const lines = trace.split('\n');
  const depthOf = (line: string | undefined): number => line?.search(/\S|$/) ?? -1;
  const sorted = (from: number, to: number): readonly string[] => {
    const parts: (readonly string[])[] = [];
    for (let at = from; at < to; ) {
      let end = at + 1;
      while (end < to && depthOf(lines[end]) > depthOf(lines[at])) end += 1;
      parts.push([lines[at] as string, ...sorted(at + 1, end)]);
      at = end;
    }
    const isCall = ([line, ...below]: readonly string[]): boolean =>
      line?.trim() === call && below.length === 0;
    return [...parts.filter(isCall), ...parts.filter((part) => !isCall(part))].flat();
  };
  return sorted(0, lines.length).join('\n');
}
