/** An event of Chromium's tracing; times are microseconds. */
export interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur?: number;
  /** CPU time of the thread. */
  readonly tdur?: number;
  readonly args?: Readonly<Record<string, unknown>>;
}

/**
 * Returns the longest task of the main thread of the page at an address: its duration and the greatest
 * CPU time of a task, in milliseconds.
 *
 * @throws {Error} when the trace has no such page
 */
export function tasksOfPage(
  events: readonly TraceEvent[],
  url: string,
): { readonly task: number; readonly cpu: number } {
  const mains = new Set(
    events
      .filter(({ name, args }) => name === 'thread_name' && args?.['name'] === 'CrRendererMain')
      .map(threadOf),
  );
  const own = events.find(
    (event) => mains.has(threadOf(event)) && JSON.stringify(event.args ?? '').includes(`${url}/`),
  );
  const tasks = events.filter(
    ({ name, ph, ...event }) =>
      name === 'RunTask' && ph === 'X' && own && threadOf(event) === threadOf(own),
  );
  if (tasks.length === 0) throw new Error(`no tasks of ${url}`);
  return {
    task: Math.max(0, ...tasks.map(({ dur = 0 }) => dur)) / 1000,
    cpu: Math.max(0, ...tasks.map(({ tdur = 0 }) => tdur)) / 1000,
  };
}

function threadOf({ pid, tid }: { readonly pid: number; readonly tid: number }): string {
  return `${pid} ${tid}`;
}
