import type { JSX } from 'preact';
import { useCallback } from 'preact/hooks';
import { httpRequestText } from '../../trace/entity.ts';
import { durationText } from '../../trace/labels.ts';
import { lineText } from '../../visible-text.ts';
import { getTraceSummaries, getTraces, type Range } from '../api.ts';
import { fieldIs, withCondition } from '../conditions.ts';
import { timeText } from '../format.ts';
import { itemOf, requestParts } from '../list/items.ts';
import { go } from '../location.ts';
import { linkTo, traceIdOf } from '../route.ts';
import { chosenRange, rangeKey, rangeOf } from '../time-range.ts';
import { entitiesOf } from '../trace/entities.ts';
import { Status } from '../ui/status.tsx';
import { useLoaded } from '../use-loaded.ts';

const SUGGESTED = 8;
const RECENT_SECONDS = 300;

/** Renders the choice of the other trace of a comparison: by its id, or one of the same request. */
export function ChooseTrace({ a }: { readonly a: string }): JSX.Element {
  const load = useCallback((signal: AbortSignal) => similar(a, signal), [a]);
  const items = useLoaded(load, a, 0).value ?? [];
  const submit = (event: Event): void => {
    event.preventDefault();
    const data = new FormData(event.currentTarget as HTMLFormElement);
    const id = traceIdOf(String(data.get('id')));
    if (id) go(linkTo('compare', { a, b: id }));
  };
  return (
    <section class="panel choose">
      <h2>Compare with which trace?</h2>
      <form onSubmit={submit}>
        <input name="id" required class="mono" aria-label="Trace id" placeholder="Trace id" />
        <button type="submit" class="primary">
          Compare
        </button>
      </form>
      {items.length > 0 && (
        <>
          <h3>Traces of the same request</h3>
          <ul>
            {items.map((item) => (
              <li key={item.id}>
                <Status word={item.status} />
                <a href={linkTo('compare', { a, b: item.id })}>
                  <bdi>{lineText(requestParts(item).what, 100)}</bdi>
                </a>
                <span class="muted">
                  {durationText(item.responseTime ?? item.duration)},{' '}
                  {timeText(item.start, Date.now())}
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

/** Returns other traces with the same method and URL, the newest first. */
async function similar(id: string, signal: AbortSignal) {
  const all = rangeOf('', Date.now());
  const [trace] = await getTraces([id], signal);
  const [root] = entitiesOf((trace?.Segments ?? []).map(({ Document }) => Document));
  if (root === undefined) return [];
  const method = httpRequestText(root.record, 'method');
  const url = httpRequestText(root.record, 'url');
  const conditions = [
    ...(method === undefined ? [] : [fieldIs('http.method', method)]),
    ...(url === undefined ? [] : [fieldIs('http.url', url)]),
  ];
  if (conditions.length === 0) return [];
  const filter = conditions.reduce(withCondition, '');
  const reply = await getTraceSummaries(all, filter, undefined, signal);
  return (reply.TraceSummaries ?? [])
    .filter(({ Id }) => Id !== id)
    .slice(0, SUGGESTED)
    .map(itemOf);
}

/** Renders the choice of both time ranges of a comparison. */
export function ChooseRanges(props: {
  readonly a: string;
  readonly b: string;
  readonly filter: string;
}): JSX.Element {
  const { a, b, filter } = props;
  const submit = (event: Event): void => {
    event.preventDefault();
    const data = new FormData(event.currentTarget as HTMLFormElement);
    const read = (side: string): string =>
      rangeKey(secondsOf(data.get(`${side}-start`)), secondsOf(data.get(`${side}-end`)));
    go(
      linkTo('compare', { filter: String(data.get('filter')).trim(), a: read('a'), b: read('b') }),
    );
  };
  return (
    <form class="panel choose ranges" onSubmit={submit} key={`${a} ${b} ${filter}`}>
      <label class="wide">
        Filter
        <input
          name="filter"
          class="mono"
          value={filter}
          placeholder='http.url CONTAINS "/orders"'
        />
      </label>
      {(['a', 'b'] as const).map((side) => {
        const range = chosenRange(side === 'a' ? a : b) ?? recent(side);
        return (
          <fieldset key={side}>
            <legend>{side.toUpperCase()}</legend>
            <label>
              From
              <input
                name={`${side}-start`}
                type="datetime-local"
                step={1}
                required
                value={localText(range?.start)}
              />
            </label>
            <label>
              To
              <input
                name={`${side}-end`}
                type="datetime-local"
                step={1}
                required
                value={localText(range?.end)}
              />
            </label>
          </fieldset>
        );
      })}
      <button type="submit" class="primary">
        Compare
      </button>
    </form>
  );
}

/** Returns the initial ranges: the last five minutes, and the five minutes before them. */
function recent(side: 'a' | 'b'): Range {
  const end = Date.now() / 1000 - (side === 'a' ? RECENT_SECONDS : 0);
  return { start: end - RECENT_SECONDS, end };
}

/** Returns the reader's local time, as the input takes it. */
function localText(seconds: number | undefined): string {
  if (seconds === undefined) return '';
  const at = new Date(Math.round(seconds) * 1000);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}

function secondsOf(text: FormDataEntryValue | null): number {
  return new Date(String(text)).getTime() / 1000;
}
