import type { JSX } from 'preact';
import { durationText } from '../../trace/labels.ts';
import type { HistogramEntry } from '../api-types.ts';
import { BARS, barsOf } from './histogram-bars.ts';

const WIDTH = 320;
const HEIGHT = 72;

/** Renders response times as bars of equal width from the fastest to the slowest request. */
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
