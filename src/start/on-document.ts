import type { Config } from '../config.ts';
import { warnOnce } from '../diagnostics.ts';
import { requireChunk } from '../lazy-require.ts';
import { documentWriter } from './dump.ts';

/** Returns a listener for the JSON of every sent document; `undefined` if none is configured. */
export function onDocument({
  dump,
  validate,
}: Pick<Config, 'dump' | 'validate'>): ((line: string) => void) | undefined {
  const listeners = [
    ...(dump === undefined ? [] : [documentWriter(dump)]),
    ...(validate ? [documentCheck()] : []),
  ];
  if (listeners.length === 0) return undefined;
  return (line) => {
    for (const listener of listeners) listener(line);
  };
}

function documentCheck(): (line: string) => void {
  const { sentDocumentCheck } =
    requireChunk<typeof import('../local/validate-sent.ts')>('validate');
  return sentDocumentCheck(warnOnce);
}
