import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import type { CountedBin } from '../../analytics/analytics.ts';
import type { StatusName } from '../../trace/labels.ts';
import { countText } from '../format.ts';
import { statusClass } from '../ui/status.tsx';

const HEIGHT = 150;
/** Height of a bar that has anything in it. */
const LEAST_HEIGHT = 2;
const LABELS = 4;
const ORDER = ['fault', 'throttle', 'error', 'ok'] as const satisfies readonly StatusName[];

export interface ChartMark {
  readonly value: number;
  readonly label: string;
}

export interface ChartProps {
  readonly title: string;
  /** Description for screen readers. */
  readonly summary: string;
  readonly bins: readonly CountedBin[];
  readonly edgeText: (value: number) => string;
  /** Values marked by a line. */
  readonly marks?: readonly ChartMark[];
  /** Called with the edges of the bins that were dragged over, or of the one that was clicked. */
  readonly onBrush: (from: number, to: number) => void;
}

/** Counts in bins, one bar for each, stacked by how requests ended. Dragging selects bins. */
export function Chart(props: ChartProps): JSX.Element {
  const { bins, edgeText, marks = [] } = props;
  const area = useRef<HTMLDivElement>(null);
  const [brush, setBrush] = useState<readonly [number, number] | undefined>(undefined);
  const most = Math.max(1, ...bins.map(totalOf));
  const indexAt = ({ clientX }: PointerEvent): number => {
    const box = area.current?.getBoundingClientRect();
    if (box === undefined || box.width === 0) return 0;
    const share = (clientX - box.left) / box.width;
    return Math.min(Math.max(Math.floor(share * bins.length), 0), bins.length - 1);
  };
  const onPointerDown = (event: PointerEvent): void => {
    if (event.button !== 0) return;
    area.current?.setPointerCapture(event.pointerId);
    const at = indexAt(event);
    setBrush([at, at]);
  };
  const onPointerMove = (event: PointerEvent): void => {
    if (brush) setBrush([brush[0], indexAt(event)]);
  };
  const onPointerUp = (): void => {
    if (brush === undefined) return;
    setBrush(undefined);
    const [first, last] = [Math.min(...brush), Math.max(...brush)];
    props.onBrush((bins[first] as CountedBin).from, (bins[last] as CountedBin).to);
  };
  const width = 100 / bins.length;
  return (
    <figure class="chart">
      <figcaption>{props.title}</figcaption>
      <div class="chart-plot">
        <span class="chart-most" aria-hidden="true">
          {countText(most)}
        </span>
        <div
          ref={area}
          class="chart-area"
          onPointerDown={onPointerDown}
          onPointerMove={onPointerMove}
          onPointerUp={onPointerUp}
          onPointerCancel={() => setBrush(undefined)}
        >
          <svg
            viewBox={`0 0 100 ${HEIGHT}`}
            preserveAspectRatio="none"
            role="img"
            aria-label={props.summary}
          >
            {bins.map((bin, index) => (
              <StackedBar key={bin.from} bin={bin} x={index * width} width={width} most={most} />
            ))}
          </svg>
          {marks.map(({ value, label }) => (
            <span
              key={label}
              class={`chart-mark ${placeOf(bins, value) > 0.85 ? 'at-end' : ''}`}
              style={{ left: `${placeOf(bins, value) * 100}%` }}
              aria-hidden="true"
            >
              <b>{label}</b>
            </span>
          ))}
          {brush && (
            <span
              class="brush"
              style={{
                left: `${Math.min(...brush) * width}%`,
                width: `${(Math.abs(brush[1] - brush[0]) + 1) * width}%`,
              }}
            />
          )}
        </div>
        <div class="chart-edges" aria-hidden="true">
          {labelled(bins).map(({ at, value }) => (
            <span key={at} style={{ left: `${at * 100}%` }}>
              {edgeText(value)}
            </span>
          ))}
        </div>
      </div>
    </figure>
  );
}

function StackedBar(props: {
  readonly bin: CountedBin;
  readonly x: number;
  readonly width: number;
  readonly most: number;
}): JSX.Element {
  const { bin, x, width, most } = props;
  let y = HEIGHT;
  return (
    <g>
      {ORDER.map((word) => {
        const count = bin[word];
        if (count === 0) return null;
        const height = Math.max((count / most) * (HEIGHT - 18), LEAST_HEIGHT);
        y -= height;
        return (
          <rect
            key={word}
            class={statusClass(word)}
            x={x + width * 0.06}
            y={y}
            width={width * 0.88}
            height={height}
          />
        );
      })}
    </g>
  );
}

export function totalOf({ ok, error, throttle, fault }: CountedBin): number {
  return ok + error + throttle + fault;
}

/** Where a value is along the axis, from 0 to 1. */
function placeOf(bins: readonly CountedBin[], value: number): number {
  const index = Math.max(
    bins.findLastIndex(({ from }) => from <= value),
    0,
  );
  const { from, to } = bins[index] as CountedBin;
  const share = Math.min(Math.max((value - from) / (to - from), 0), 1);
  return (index + share) / bins.length;
}

/** Edges that are written below the axis, the last one included. */
function labelled(
  bins: readonly CountedBin[],
): readonly { readonly at: number; readonly value: number }[] {
  const step = Math.max(1, Math.ceil(bins.length / LABELS));
  const labels = bins
    .filter((_, index) => index % step === 0 && index + step / 2 <= bins.length)
    .map(({ from }, index) => ({ at: (index * step) / bins.length, value: from }));
  const last = bins.at(-1);
  return last === undefined ? labels : [...labels, { at: 1, value: last.to }];
}
