/** What differs between two profiles. Pure; all figures are for one trace, in seconds. */
import type { Profile, ProfilePart } from '../../analytics/profile.ts';

/** A part on one side: figures for an average trace. */
export interface SideOfPart {
  readonly calls: number;
  readonly seconds: number;
  readonly selfSeconds: number;
  readonly failed: number;
}

export interface PartDiff {
  readonly path: readonly string[];
  readonly a: SideOfPart | undefined;
  readonly b: SideOfPart | undefined;
  /** Self time of B minus that of A: where a trace has become slower. */
  readonly change: number;
  /** `new`: only in B; `gone`: only in A. */
  readonly kind: 'new' | 'gone' | 'both';
}

/** Returns every part of either profile, the greatest change of self time first. */
export function diffOf(a: Profile, b: Profile): readonly PartDiff[] {
  const [ofA, ofB] = [sides(a), sides(b)];
  return [...new Set([...ofA.keys(), ...ofB.keys()])]
    .map((key): PartDiff => {
      const [sideA, sideB] = [ofA.get(key), ofB.get(key)];
      return {
        path: JSON.parse(key) as readonly string[],
        a: sideA,
        b: sideB,
        change: (sideB?.selfSeconds ?? 0) - (sideA?.selfSeconds ?? 0),
        kind: sideA === undefined ? 'new' : sideB === undefined ? 'gone' : 'both',
      };
    })
    .sort((x, y) => Math.abs(y.change) - Math.abs(x.change));
}

function sides({ traces, parts }: Profile): ReadonlyMap<string, SideOfPart> {
  const count = Math.max(traces, 1);
  const side = ({ calls, seconds, selfSeconds, faults, errors }: ProfilePart): SideOfPart => ({
    calls: calls / count,
    seconds: seconds / count,
    selfSeconds: selfSeconds / count,
    failed: (faults + errors) / count,
  });
  return new Map(parts.map((part) => [JSON.stringify(part.path), side(part)]));
}
