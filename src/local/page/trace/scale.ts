/** The time axis of a timeline, in seconds since the trace began. Pure. */
export interface Scale {
  readonly start: number;
  readonly length: number;
  readonly ticks: readonly number[];
}

const STEPS = [1, 2, 2.5, 5, 10];
/** A trace without length still needs an axis. */
const LEAST_LENGTH = 1e-6;

/** @param most the greatest number of ticks, without the one at zero */
export function scaleOf(start: number, end: number, most = 5): Scale {
  const length = Math.max(end - start, LEAST_LENGTH);
  const rough = length / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = (STEPS.find((each) => each * power >= rough * 0.999) ?? 10) * power;
  const ticks: number[] = [];
  for (let i = 0; i * step <= length * 1.0001; i++) ticks.push(i * step);
  return { start, length, ticks };
}

/** Returns the left edge and the width of a bar as shares of the axis, both from 0 to 1. */
export function barOf(
  scale: Scale,
  start: number,
  end: number | undefined,
): { readonly left: number; readonly width: number } {
  const left = clamp((start - scale.start) / scale.length);
  const right = end === undefined ? 1 : clamp((end - scale.start) / scale.length);
  return { left, width: Math.max(right - left, 0) };
}

/** Gaps below this share of the axis, about two pixels, cannot be seen. */
const LEAST_GAP = 1 / 400;

/** Unites intervals whose gaps cannot be seen: at most 400 are left. */
export function visibleIntervals(
  { length }: Scale,
  intervals: readonly { readonly start: number; readonly end: number | undefined }[],
): readonly { readonly start: number; readonly end: number | undefined }[] {
  const united: { start: number; end: number | undefined }[] = [];
  for (const { start, end } of [...intervals].sort((a, b) => a.start - b.start)) {
    const last = united.at(-1);
    if (last === undefined || (last.end !== undefined && start - last.end > length * LEAST_GAP)) {
      united.push({ start, end });
    } else if (last.end !== undefined) {
      last.end = end === undefined ? undefined : Math.max(last.end, end);
    }
  }
  return united;
}

function clamp(share: number): number {
  return Math.min(Math.max(share, 0), 1);
}
