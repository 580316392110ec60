import { type Check, info, ok, warn } from '../finding.ts';

/** Whether another tracer is there; only the first to start gets the app. */
export const otherTracers: Check = {
  name: 'other tracers',
  find: ({ install, env }) => {
    if (install.tracers.length === 0) return ok('none installed');
    const list = install.tracers.map(({ name, version }) => `${name} ${version}`).join(', ');
    const started = install.tracers.filter(({ name }) => env['NODE_OPTIONS']?.includes(name));
    if (started.length > 0) {
      return warn(
        'other-tracer',
        `NODE_OPTIONS starts ${started.map(({ name }) => name).join(', ')}`,
        'Keep one: the second to start does nothing. Our exporter, sampler and propagator also plug into an existing provider.',
      );
    }
    return info(`installed beside us: ${list}; remove their start from the code`);
  },
};
