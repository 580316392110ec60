import type { JSX } from 'preact';
import { durationText } from '../../trace/words.ts';
import type { HistogramEntry } from '../api-types.ts';

const BARS = 24;
const WIDTH = 320;
const HEIGHT = 72;

/** Response times as bars of equal width from the fastest to the slowest request. */
export function Histogram(props: {
  readonly entries: readonly HistogramEntry[];
}): JSX.Element | null {
  const { entries } = props;
  if (entries.length === 0) return null;
  const bars = barsOf(entries);
  const most = Math.max(...bars.counts);
  const step = WIDTH / BARS;
  const text = `Response times from ${durationText(bars.from)} to ${durationText(bars.to)}`;
  return (
    <figure class="histogram">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={text}>
        {bars.counts.map((count, index) => {
          const height = count === 0 ? 0 : Math.max((count / most) * HEIGHT, 2);
          const x = index * step;
          return (
            <rect key={index} x={x + 0.5} y={HEIGHT - height} width={step - 1} height={height} />
          );
        })}
      </svg>
      <figcaption>
        <span>{durationText(bars.from)}</span>
        <span>{durationText(bars.to)}</span>
      </figcaption>
    </figure>
  );
}

/** Pure; `from` and `to` in seconds. */
export function barsOf(entries: readonly HistogramEntry[]): {
  readonly from: number;
  readonly to: number;
  readonly counts: readonly number[];
} {
  const values = entries.map(({ Value }) => Value);
  const [from, to] = [Math.min(...values), Math.max(...values)];
  const counts = new Array<number>(BARS).fill(0);
  for (const { Value, Count } of entries) {
    const share = to === from ? 0 : (Value - from) / (to - from);
    const index = Math.min(Math.floor(share * BARS), BARS - 1);
    counts[index] = (counts[index] ?? 0) + Count;
  }
  return { from, to, counts };
}
