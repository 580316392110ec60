import type { JSX } from 'preact';
import type { StatusName } from '../../trace/labels.ts';
import { statusClass } from '../ui/status.tsx';
import type { Outcomes } from './graph.ts';

const ORDER = ['fault', 'throttle', 'error', 'ok'] as const satisfies readonly StatusName[];

/**
 * Renders a ring whose parts are the shares of outcomes, in the console's colors: green ok, yellow
 * error, red fault, purple throttle. A node without requests has a dashed one.
 */
export function Ring(props: { readonly outcomes: Outcomes; readonly radius: number }): JSX.Element {
  const { outcomes, radius } = props;
  if (outcomes.total === 0) return <circle class="ring none" r={radius} />;
  const around = 2 * Math.PI * radius;
  let before = 0;
  return (
    <g class="ring" transform="rotate(-90)">
      {ORDER.map((word) => {
        const length = (outcomes[word] / outcomes.total) * around;
        const part = (
          <circle
            key={word}
            class={statusClass(word)}
            r={radius}
            stroke-dasharray={`${length} ${around - length}`}
            stroke-dashoffset={-before}
          />
        );
        before += length;
        return length > 0 ? part : null;
      })}
    </g>
  );
}
