import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { asList, asObject, asText } from '../../json.ts';
import { type Entity, flagsOf, lengthOf, topOf } from '../../trace/entity.ts';
import { durationText } from '../../trace/labels.ts';
import { callees } from '../../trace/self-time.ts';
import { lineText } from '../../visible-text.ts';
import { countText, percentText } from '../format.ts';
import { traceLink } from '../route.ts';
import { StatusShape } from '../ui/status.tsx';
import { criticalPath, slowestParts } from './analysis.ts';
import type { TraceData } from './trace-data.ts';

const PARTS = 3;
/** Smaller shares of the response time explain nothing. */
const LEAST_SHARE = 0.05;

/**
 * Renders the root causes in a line: where the critical path spends its time, and the exception
 * furthest down.
 */
export function TimeSpent({ data }: { readonly data: TraceData }): JSX.Element | null {
  const root = data.tops.find(({ kind }) => kind === 'segment') ?? data.tops[0];
  const parts = useMemo(() => (root ? slowestParts(criticalPath(root), PARTS) : []), [root]);
  const failed = useMemo(() => deepestFailure(data.tops), [data.tops]);
  const whole = (root && lengthOf(root)) ?? 0;
  const shown = parts.filter(({ seconds }) => whole > 0 && seconds / whole >= LEAST_SHARE);
  const isTrivial = shown.length === 1 && shown[0]?.entity === root;
  if ((shown.length === 0 || isTrivial) && failed === undefined) return null;
  return (
    <div class="time-spent">
      {failed && (
        <a
          class="cause is-fault"
          href={traceLink(data.id, { at: failed.entity.id, tab: 'exceptions' })}
        >
          <StatusShape word="fault" />
          <span>
            Root cause: <bdi>{lineText(failed.text, 120)}</bdi>
            <span class="muted"> in {placeText(failed.entity)}</span>
          </span>
        </a>
      )}
      {shown.length > 0 && !isTrivial && (
        <p>
          <span class="muted">Most of the time: </span>
          {shown.map(({ entity, calls, seconds }, index) => (
            <span key={entity.id}>
              {index > 0 && <span class="muted"> · </span>}
              <a href={traceLink(data.id, { at: entity.id })}>{placeText(entity)}</a>{' '}
              {calls > 1 && <span class="repeats">×{countText(calls)}</span>}
              <span class="muted">
                {durationText(seconds)} ({percentText(seconds / whole)})
              </span>
            </span>
          ))}
        </p>
      )}
    </div>
  );
}

/** Returns a text such as `risk check (payments)`; for a segment, its own name alone. */
function placeText(entity: Entity): string {
  const top = topOf(entity);
  const name = lineText(entity.name, 60);
  return top === entity ? name : `${name} (${lineText(top.name, 40)})`;
}

/** Returns the deepest failed entity with an exception: those above it only pass it on. */
function deepestFailure(
  tops: readonly Entity[],
): { readonly entity: Entity; readonly text: string } | undefined {
  let best: { entity: Entity; text: string; depth: number } | undefined;
  const open = tops.map((entity) => ({ entity, depth: 0 }));
  const seen = new Set<Entity>();
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { entity, depth } = next;
    if (seen.has(entity)) continue;
    seen.add(entity);
    const text = exceptionText(entity);
    const { fault, error } = flagsOf(entity.record);
    if (text !== undefined && (fault || error) && (best === undefined || depth > best.depth)) {
      best = { entity, text, depth };
    }
    for (const child of callees(entity)) open.push({ entity: child, depth: depth + 1 });
  }
  return best;
}

function exceptionText({ record }: Entity): string | undefined {
  const exceptions = asList(asObject(record['cause'])?.['exceptions']).map(asObject);
  // The last one of a chain is what the others were caused by.
  const last = exceptions.at(-1);
  if (last === undefined) return undefined;
  return [asText(last['type']), asText(last['message'])].filter(Boolean).join(': ');
}
