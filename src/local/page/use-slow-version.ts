import { useEffect, useRef, useState } from 'preact/hooks';
import { changes } from './live.ts';

/**
 * Returns a number that increases after traces have arrived, at most once in `ms`. For expensive
 * requests: a page that reloads after each burst would never finish.
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
