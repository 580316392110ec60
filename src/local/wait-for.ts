import type { Events } from './events.ts';
import type { Counts } from './ingest.ts';
import type { LocalTrace } from './trace-view.ts';
import type { LocalXRayEvents } from './types.ts';

/** Resolves with the first trace that matches; rejects after `timeoutMs`, saying what arrived instead. */
export function waitFor(input: {
  readonly events: Events<LocalXRayEvents>;
  readonly traces: () => readonly LocalTrace[];
  readonly read: (id: string) => LocalTrace | undefined;
  readonly matches: (trace: LocalTrace) => boolean;
  readonly timeoutMs: number;
  readonly counts: () => Counts;
}): Promise<LocalTrace> {
  const { events, traces, read, matches, timeoutMs, counts } = input;
  return new Promise((resolve, reject) => {
    const here = traces().find(matches);
    if (here) {
      resolve(here);
      return;
    }
    const end = (settle: () => void): void => {
      clearTimeout(timer);
      off();
      settle();
    };
    const off = events.on('change', ({ traceIds }) => {
      try {
        const found = traceIds.map(read).find((trace) => trace !== undefined && matches(trace));
        if (found) end(() => resolve(found));
      } catch (error) {
        end(() => reject(error));
      }
    });
    const timer = setTimeout(() => {
      const { traces: number, documents, refused, foreign } = counts();
      const arrived = `${number} traces of ${documents} documents arrived, ${refused} documents were refused, ${foreign} messages were not X-Ray messages`;
      end(() => reject(new Error(`no matching trace within ${timeoutMs} ms; ${arrived}`)));
    }, timeoutMs);
  });
}
