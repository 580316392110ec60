import { type Check, fail, info, ok, warn } from '../finding.ts';

/** AWS refuses signatures that are further off; X-Ray places traces by these times. */
const REFUSED_MS = 5 * 60_000;
const NOTICED_MS = 60_000;

/** Whether this machine's clock agrees with AWS's. */
export const clock: Check = {
  name: 'clock',
  find: ({ network }) => {
    const ahead = network.tcp.answer?.aheadMs;
    if (ahead === undefined) return info('not compared: no answer with a date');
    const off = Math.abs(ahead);
    if (off < NOTICED_MS) return ok('agrees with the date of the answer');
    const message = `this clock is ${span(off)} ${ahead > 0 ? 'ahead of' : 'behind'} the date of the answer`;
    const fix = 'Set the clock (chrony, ntpd, w32tm): X-Ray shows a trace at the time it says.';
    return off < REFUSED_MS ? warn('clock-off', message, fix) : fail('clock-off', message, fix);
  },
};

function span(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}
