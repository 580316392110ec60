import { useEffect, useRef, useState } from 'preact/hooks';
import { changes } from './live.ts';

/**
 * A number that rises when traces have arrived, at most once in `ms`. For what takes long to
 * compute: a page that reads again with each burst would read without end.
 */
export function useSlowVersion(ms: number): number {
  const { version } = changes.value;
  const [slow, setSlow] = useState(version);
  const latest = useRef(version);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  latest.current = version;
  useEffect(() => {
    if (version === slow || timer.current !== undefined) return;
    timer.current = setTimeout(() => {
      timer.current = undefined;
      setSlow(latest.current);
    }, ms);
  }, [version, slow, ms]);
  useEffect(() => () => clearTimeout(timer.current), []);
  return slow;
}
