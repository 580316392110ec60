import type { JSX } from 'preact';
import { useCallback } from 'preact/hooks';
import type { Profile } from '../../analytics/profile.ts';
import { readLocal } from '../api.ts';
import { timeText } from '../format.ts';
import { linkTo, traceIdOf, traceLink } from '../route.ts';
import { chosenRange } from '../time-range.ts';
import { Empty, Notice } from '../ui/empty.tsx';
import { useLoaded } from '../use-loaded.ts';
import { ChooseRanges, ChooseTrace } from './choose.tsx';
import { DiffTable } from './diff-table.tsx';
import { Sides } from './sides.tsx';

export interface ComparePageProps {
  /** Both trace ids, or both time ranges. */
  readonly a: string;
  readonly b: string;
  /** For time ranges. */
  readonly filter: string;
}

/** Compares two traces, or two time ranges of one filter: shows what is slower, and what is new. */
export function ComparePage({ a, b, filter }: ComparePageProps): JSX.Element {
  const isTraces = traceIdOf(a) !== undefined;
  const isComplete = a !== '' && b !== '';
  const load = useCallback(
    async (signal: AbortSignal) =>
      isComplete
        ? Promise.all([a, b].map((side) => readProfile(side, filter, signal)))
        : Promise.resolve([]),
    [a, b, filter, isComplete],
  );
  const { value, error, loading } = useLoaded(load, JSON.stringify([a, b, filter]), 0);
  const [ofA, ofB] = value ?? [];
  const side = (key: string, profile: Profile) => ({
    title: titleOf(key),
    href: traceIdOf(key) ? traceLink(key) : linkTo('traces', { filter, range: key }),
    profile,
  });
  const missing = [ofA?.traces === 0 ? 'A' : '', ofB?.traces === 0 ? 'B' : ''].filter(Boolean);
  return (
    <div class="page compare-page">
      <header class="page-header">
        <div>
          <h1>Compare</h1>
          <p class="muted">
            {isTraces
              ? 'Compares two traces: which parts are slower, and which are new.'
              : 'Compares two time ranges of one filter: which parts are slower, and which are new. To compare two traces, open one of them and choose Compare.'}
          </p>
        </div>
        {isTraces && isComplete && (
          <a class="button" href={linkTo('compare', { a: b, b: a })}>
            Swap A and B
          </a>
        )}
      </header>
      {!isTraces && <ChooseRanges a={a} b={b} filter={filter} />}
      {isTraces && b === '' && <ChooseTrace a={a} />}
      {error && <Notice text={error.message} />}
      {loading && isComplete && <p class="tally">Loading…</p>}
      {missing.length > 0 && (
        <Empty title="Nothing to compare">
          <p>There is no trace for side {missing.join(' and ')}.</p>
        </Empty>
      )}
      {ofA && ofB && missing.length === 0 && (
        <>
          <Sides a={side(a, ofA)} b={side(b, ofB)} />
          <DiffTable a={ofA} b={ofB} />
        </>
      )}
    </div>
  );
}

function readProfile(side: string, filter: string, signal: AbortSignal): Promise<Profile> {
  const range = chosenRange(side);
  const query = range
    ? new URLSearchParams({ filter, from: `${range.start}`, to: `${range.end}` })
    : new URLSearchParams({ id: side });
  return readLocal<Profile>(`/local/profile?${query}`, signal);
}

function titleOf(side: string): string {
  const range = chosenRange(side);
  if (range === undefined) return side;
  const text = (seconds: number): string => timeText(seconds, Date.now()).replace(/\.\d+$/, '');
  return `${text(range.start)} – ${text(range.end)}`;
}
