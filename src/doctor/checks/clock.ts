import { type Check, fail, info, ok, warn } from '../finding.ts';

/** AWS rejects signatures whose time is off by more than this. */
const REFUSED_MS = 5 * 60_000;
/** X-Ray places traces on the time axis by the clock of the application. */
const NOTICED_MS = 60_000;

/** Compares this machine's clock with the `Date` header of the daemon's response. */
export const clock: Check = {
  name: 'clock',
  find: ({ network }) => {
    const ahead = network.tcp.answer?.aheadMs;
    if (ahead === undefined) return info('not checked: no response with a Date header');
    const off = Math.abs(ahead);
    if (off < NOTICED_MS) return ok('matches the Date header of the response');
    const message = `the clock of this machine is ${span(off)} ${ahead > 0 ? 'ahead of' : 'behind'} the Date header of the response`;
    const fix =
      'Synchronize the clock (chrony, ntpd, w32tm): X-Ray shows traces at the times that it sets, and AWS rejects calls if it is more than 5 min off.';
    return off < REFUSED_MS ? warn('clock-off', message, fix) : fail('clock-off', message, fix);
  },
};

function span(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}
