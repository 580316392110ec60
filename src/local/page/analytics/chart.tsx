import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import type { CountedBin } from '../../analytics/analytics.ts';
import type { StatusName } from '../../trace/labels.ts';
import { countedText, countText } from '../format.ts';
import { statusClass } from '../ui/status.tsx';

const HEIGHT = 150;
/** Height of a bar that has anything in it. */
const LEAST_HEIGHT = 2;
const LABELS = 4;
/** Of the width of the chart, in percent: few bins are no wall. */
const MAX_BAR_WIDTH = 8;
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

/**
 * Renders counts in bins, one bar for each, stacked by how requests ended. Dragging selects bins;
 * so do the arrow keys, with Shift for several, and Enter.
 */
export function Chart(props: ChartProps): JSX.Element {
  const { bins, edgeText, marks = [] } = props;
  const area = useRef<HTMLDivElement>(null);
  const [hovered, setHovered] = useState<number | undefined>(undefined);
  const { brush, handlers } = useBrush(area, bins, props.onBrush);
  const most = Math.max(1, ...bins.map(totalOf));
  const shown = brush ?? (hovered === undefined ? undefined : ([hovered, hovered] as const));
  const text = shown && selectionText(bins, shown, edgeText);
  const width = 100 / bins.length;
  const barWidth = Math.min(width * 0.88, MAX_BAR_WIDTH);
  return (
    <figure class="chart">
      <figcaption>
        {props.title}
        <span class="unseen">{props.summary}</span>
        <span class="chart-selection">{text}</span>
      </figcaption>
      <div class="chart-plot">
        <span class="chart-most" aria-hidden="true">
          {countText(most)}
        </span>
        <div
          ref={area}
          class="chart-area"
          role="slider"
          tabIndex={0}
          aria-label={`${props.title}: select a range`}
          aria-valuemin={1}
          aria-valuemax={bins.length}
          aria-valuenow={(brush?.[1] ?? 0) + 1}
          aria-valuetext={brush ? text : 'nothing selected'}
          {...handlers}
          onMouseMove={({ clientX }) => setHovered(indexAt(area.current, clientX, bins.length))}
          onMouseLeave={() => setHovered(undefined)}
        >
          <svg viewBox={`0 0 100 ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
            {bins.map((bin, index) => (
              <StackedBar
                key={bin.from}
                bin={bin}
                x={index * width + (width - barWidth) / 2}
                width={barWidth}
                most={most}
              />
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
          {labeled(bins).map(({ at, value }) => (
            <span key={at} style={{ left: `${at * 100}%` }}>
              {edgeText(value)}
            </span>
          ))}
        </div>
      </div>
    </figure>
  );
}

type Brush = readonly [from: number, to: number];

interface BrushHandlers {
  readonly onPointerDown: (event: PointerEvent) => void;
  readonly onPointerMove: (event: PointerEvent) => void;
  readonly onPointerUp: () => void;
  readonly onPointerCancel: () => void;
  readonly onKeyDown: (event: KeyboardEvent) => void;
  readonly onBlur: () => void;
}

/** Selects bins by mouse and by keyboard. */
function useBrush(
  area: { readonly current: HTMLElement | null },
  bins: readonly CountedBin[],
  onBrush: ChartProps['onBrush'],
): { readonly brush: Brush | undefined; readonly handlers: BrushHandlers } {
  const [brush, setBrush] = useState<Brush | undefined>(undefined);
  const clear = (): void => setBrush(undefined);
  const apply = (): void => {
    if (brush === undefined) return;
    clear();
    const first = bins[Math.min(...brush)] as CountedBin;
    const last = bins[Math.max(...brush)] as CountedBin;
    onBrush(first.from, last.to);
  };
  const move = (to: number, extend: boolean): void => {
    const at = Math.min(Math.max(to, 0), bins.length - 1);
    setBrush([extend && brush ? brush[0] : at, at]);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const at = brush?.[1] ?? -1;
    const keys: Readonly<Record<string, () => void>> = {
      ArrowRight: () => move(at + 1, event.shiftKey),
      ArrowLeft: () => move(at - 1, event.shiftKey),
      Home: () => move(0, event.shiftKey),
      End: () => move(bins.length - 1, event.shiftKey),
      Enter: apply,
      Escape: clear,
    };
    const act = keys[event.key];
    if (act === undefined) return;
    event.preventDefault();
    act();
  };
  return {
    brush,
    handlers: {
      onPointerDown: (event) => {
        if (event.button !== 0) return;
        area.current?.setPointerCapture(event.pointerId);
        move(indexAt(area.current, event.clientX, bins.length), false);
      },
      onPointerMove: ({ clientX, buttons }) => {
        if (brush && buttons > 0) move(indexAt(area.current, clientX, bins.length), true);
      },
      onPointerUp: apply,
      onPointerCancel: clear,
      onKeyDown,
      onBlur: clear,
    },
  };
}

/** Returns the index of the bin at a place of the window. */
function indexAt(area: HTMLElement | null, clientX: number, count: number): number {
  const box = area?.getBoundingClientRect();
  if (box === undefined || box.width === 0) return 0;
  const share = (clientX - box.left) / box.width;
  return Math.min(Math.max(Math.floor(share * count), 0), count - 1);
}

/** Returns a text such as `74 ms – 80 ms: 23 traces, 1 fault, 2 errors`. */
function selectionText(
  bins: readonly CountedBin[],
  brush: Brush,
  edgeText: (value: number) => string,
): string {
  const selected = bins.slice(Math.min(...brush), Math.max(...brush) + 1);
  const sum = (count: (bin: CountedBin) => number): number =>
    selected.reduce((total, bin) => total + count(bin), 0);
  const faults = sum(({ fault }) => fault);
  const errors = sum(({ error, throttle }) => error + throttle);
  const counts = [
    countedText(sum(totalOf), 'trace'),
    ...(faults > 0 ? [countedText(faults, 'fault')] : []),
    ...(errors > 0 ? [countedText(errors, 'error')] : []),
  ];
  const { from } = selected[0] as CountedBin;
  const { to } = selected.at(-1) as CountedBin;
  return `${edgeText(from)} – ${edgeText(to)}: ${counts.join(', ')}`;
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
          <rect key={word} class={statusClass(word)} x={x} y={y} width={width} height={height} />
        );
      })}
    </g>
  );
}

export function totalOf({ ok, error, throttle, fault }: CountedBin): number {
  return ok + error + throttle + fault;
}

/** Returns where a value is along the axis, from 0 to 1. */
function placeOf(bins: readonly CountedBin[], value: number): number {
  const index = Math.max(
    bins.findLastIndex(({ from }) => from <= value),
    0,
  );
  const { from, to } = bins[index] as CountedBin;
  const share = Math.min(Math.max((value - from) / (to - from), 0), 1);
  return (index + share) / bins.length;
}

/** Returns the edges that are written below the axis, the last one included. */
function labeled(
  bins: readonly CountedBin[],
): readonly { readonly at: number; readonly value: number }[] {
  const step = Math.max(1, Math.ceil(bins.length / LABELS));
  const labels = bins
    .filter((_, index) => index % step === 0 && index + step / 2 <= bins.length)
    .map(({ from }, index) => ({ at: (index * step) / bins.length, value: from }));
  const last = bins.at(-1);
  return last === undefined ? labels : [...labels, { at: 1, value: last.to }];
}
